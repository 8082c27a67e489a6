import { Skeleton } from "../../components/Message.tsx";

export default function ApiProxy() {
  return <Skeleton />;
}
