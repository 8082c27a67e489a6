import { Skeleton } from "../../components/Message.tsx";

export default function Dashboard() {
  return <Skeleton />;
}
