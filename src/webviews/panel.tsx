/** The editor panel, and the dashboard in a browser: its pages, each loaded when it is first opened. */

import { type ComponentType, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageName } from "../control/page.ts";
import { AppFrame } from "./components/AppFrame.tsx";
import { Problem, Skeleton } from "./components/Message.tsx";
import { PAGE_TABLE, pageTitle } from "./pageTable.ts";
import { rootElement } from "./start.ts";
import { keepFocus } from "./state/focus.ts";
import { standing } from "./state/gateway.ts";
import { messageOf } from "./state/loaded.ts";
import { page } from "./state/route.ts";
import { useKeptScroll } from "./state/scroll.ts";

const loaded = new Map<PageName, ComponentType>();

function Page({ name }: { name: PageName }) {
  const [problem, setProblem] = useState<string>();
  const [, setLoaded] = useState<PageName>();
  useEffect(() => {
    if (loaded.has(name)) return;
    PAGE_TABLE[name].load().then(
      (module) => {
        loaded.set(name, module.default);
        setLoaded(name);
      },
      (thrown) => setProblem(messageOf(thrown)),
    );
  }, [name]);
  const Shown = loaded.get(name);
  useKeptScroll(name, Shown !== undefined);
  const { words } = standing.value;
  useEffect(() => {
    document.title = `${words} · ${pageTitle(name)} · Portico`;
  }, [name, words]);
  if (problem !== undefined) return <Problem>{problem}</Problem>;
  return Shown === undefined ? <Skeleton lines={6} /> : <Shown />;
}

function Panel() {
  return (
    <AppFrame titleOf={pageTitle}>
      <Page key={page.value} name={page.value} />
    </AppFrame>
  );
}

keepFocus();
render(<Panel />, rootElement());
