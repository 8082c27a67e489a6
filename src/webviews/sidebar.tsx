/** The view in the activity bar: the same in short. */
import "./start.ts";
import { render } from "preact";
import { Strip, Trouble } from "./components/AppFrame.tsx";
import { LiveRegion } from "./components/Toast.tsx";

function Sidebar() {
  return (
    <div class="frame sidebar">
      <Strip />
      <Trouble />
      <LiveRegion />
    </div>
  );
}

render(<Sidebar />, document.body);
