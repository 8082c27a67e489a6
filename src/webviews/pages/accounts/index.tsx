import { Skeleton } from "../../components/Message.tsx";

export default function Accounts() {
  return <Skeleton />;
}
