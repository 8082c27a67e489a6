import { Skeleton } from "../../components/Message.tsx";

export default function Monitor() {
  return <Skeleton />;
}
