/** What went wrong, by its kind. */
import { t } from "@vscode/l10n";
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { format } from "../../labels.ts";
import { failureOf } from "../../requestLabels.ts";

export function Errors(props: {
  errors: Readonly<Record<string, number>>;
  requests: number;
  onShow(kind: string): void;
}) {
  const { requests } = props;
  const kinds = Object.entries(props.errors)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  const all = kinds.reduce((sum, [, count]) => sum + count, 0);
  const most = kinds[0]?.[1] ?? 1;
  return (
    <Section
      title={t("Errors")}
      aside={all === 0 ? undefined : t("{0} of {1} requests", format.count(all), format.count(requests))}
    >
      {kinds.length === 0 ? (
        <p class="muted nothing">{requests === 0 ? t("No requests in this time.") : t("None.")}</p>
      ) : (
        <table class="table error-kinds" aria-label={t("Errors")}>
          <thead class="spoken">
            <tr>
              <th scope="col">{t("What went wrong")}</th>
              <th scope="col">{t("Share")}</th>
              <th scope="col">{t("Requests")}</th>
            </tr>
          </thead>
          <tbody>
            {kinds.map(([kind, count]) => {
              const { word } = failureOf(kind, undefined);
              return (
                <tr key={kind}>
                  <td>
                    <Button
                      kind="link"
                      label={t("{0}: show its requests", word)}
                      onClick={() => props.onShow(kind)}
                    >
                      {word}
                    </Button>
                  </td>
                  <td aria-label={format.percent(count / all)}>
                    <span class="share" style={{ width: `${(count / most) * 100}%` }} />
                  </td>
                  <td class="num">
                    <Button
                      kind="link"
                      label={t("{0} {1}: show the requests", format.count(count), word)}
                      onClick={() => props.onShow(kind)}
                    >
                      {format.count(count)}
                    </Button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Section>
  );
}
