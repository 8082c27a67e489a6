import { Skeleton } from "../../components/Message.tsx";

export default function TokenStats() {
  return <Skeleton />;
}
