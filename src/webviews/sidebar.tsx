/** The view in the activity bar: the same in short. */

import { render } from "preact";
import { Strip, Trouble } from "./components/AppFrame.tsx";
import { LiveRegion } from "./components/Toast.tsx";
import { rootElement } from "./start.ts";

function Sidebar() {
  return (
    <div class="frame sidebar">
      <Strip />
      <Trouble />
      <LiveRegion />
    </div>
  );
}

render(<Sidebar />, rootElement());
