/** Headers and bodies, where they were recorded; where not, how to have them next time. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { RecordedBody, RequestDetails } from "../../../control/requests.ts";
import { Button } from "../../components/Button.tsx";
import { copy } from "../../components/Copyable.tsx";
import { format } from "../../labels.ts";
import { settingNow } from "../../state/gateway.ts";
import { Part } from "./parts.tsx";

/** Characters shown at first; a page of a megabyte makes the browser slow. */
const FIRST_PART = 20_000;

export function Recorded({ request }: { request: RequestDetails }) {
  const { headers, requestBody, replyBody } = request;
  const nothing = headers === undefined && requestBody === undefined && replyBody === undefined;
  return (
    <>
      {headers !== undefined && (
        <Part title={t("Headers")}>
          <details>
            <summary>{t("{0} headers, secrets blanked", headers.length)}</summary>
            <table class="headers">
              <tbody>
                {headers.map(([name, value], i) => (
                  <tr key={i}>
                    <th scope="row">{name}</th>
                    <td>{value}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </Part>
      )}
      {requestBody !== undefined && <Body title={t("Request body")} body={requestBody} />}
      {replyBody !== undefined && <Body title={t("Reply body")} body={replyBody} />}
      {nothing && <NotRecorded />}
    </>
  );
}

function NotRecorded() {
  return (
    <Part title={t("Headers and bodies")}>
      <p class="muted">
        {settingNow("records.bodies")
          ? t("Not kept for this request. Recording is on: new requests have them, for some hours.")
          : t("Not recorded: what you say to a model stays with you and the provider.")}
      </p>
    </Part>
  );
}

function Body({ title, body }: { title: string; body: RecordedBody }) {
  const [whole, setWhole] = useState(false);
  const text = readable(body.text);
  const shown = whole ? text : text.slice(0, FIRST_PART);
  return (
    <Part title={title} aside={format.bytes(body.bytes)}>
      <details>
        <summary>{t("Show")}</summary>
        <div class="row wrap">
          <Button kind="link" label={t("Copy {0}", title)} onClick={() => copy(body.text)}>
            {t("Copy")}
          </Button>
          {body.cut && <span class="muted">{t("Only its beginning was kept.")}</span>}
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
        <section class="body" tabIndex={0} aria-label={title}>
          <pre>{shown}</pre>
        </section>
        {shown.length < text.length && (
          <Button onClick={() => setWhole(true)}>
            {t("Show all {0} characters", format.count(text.length))}
          </Button>
        )}
      </details>
    </Part>
  );
}

/** JSON on several lines; everything else as it is. */
export function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
