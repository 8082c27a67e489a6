import { Skeleton } from "../../components/Message.tsx";

export default function Settings() {
  return <Skeleton />;
}
