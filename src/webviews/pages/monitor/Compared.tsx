/** Two answers to the same request, side by side. */
import { t } from "@vscode/l10n";
import type { RequestDetails } from "../../../control/requests.ts";
import { Button } from "../../components/Button.tsx";
import { Shown } from "../../components/Message.tsx";
import { StatusWord } from "../../components/StatusWord.tsx";
import { askedLabel, format } from "../../labels.ts";
import { servedBy } from "../../requestLabels.ts";
import { useLoaded } from "../../state/loaded.ts";
import { call } from "../../transport.ts";
import { answerText } from "./answerText.ts";

export function Compared(props: { before: RequestDetails; id: string; onShow(id: string): void }) {
  const { before, id, onShow } = props;
  const loaded = useLoaded((signal) => call("requests.get", { id }, { signal }), id);
  return (
    <Shown of={loaded.state.value} retry={loaded.reload}>
      {(after) => (
        <div class="compared">
          <Answer title={t("Before")} request={before} />
          <Answer
            title={t("Now")}
            request={after}
            end={
              <Button kind="link" onClick={() => onShow(id)}>
                {t("Show it")}
              </Button>
            }
          />
        </div>
      )}
    </Shown>
  );
}

function Answer(props: { title: string; request: RequestDetails; end?: preact.ComponentChildren }) {
  const { title, request } = props;
  const { replyBody, error, durationMs, tokens, cost } = request;
  const text = replyBody === undefined ? undefined : answerText(replyBody.text);
  const facts = [
    format.took(durationMs),
    ...(tokens === undefined ? [] : [t("{0} tokens out", format.count(tokens.output))]),
    ...(cost === undefined ? [] : [format.money(cost)]),
  ];
  return (
    <section aria-label={title}>
      <header class="row wrap">
        <h3>{title}</h3>
        <StatusWord row={request} />
        <span class="grow" />
        {props.end}
      </header>
      <p class="muted cut" title={`${askedLabel(request)} · ${servedBy(request)}`}>
        {askedLabel(request)} · {servedBy(request)}
      </p>
      <p class="muted num">{facts.join(" · ")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <pre tabIndex={0}>{text ?? error ?? t("Its answer was not recorded, or has no words.")}</pre>
    </section>
  );
}
