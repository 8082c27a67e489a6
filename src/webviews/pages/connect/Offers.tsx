/** Portico's models that a tool lists beside its own. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import { Button } from "../../components/Button.tsx";
import { NameField } from "../../components/NameField.tsx";

/** @param props.names of models that there are */
export function Offers(props: {
  label: string;
  names: readonly string[];
  chosen: readonly string[];
  onChange(chosen: readonly string[]): void;
}) {
  const { chosen, onChange, names } = props;
  const [typed, setTyped] = useState("");
  const name = typed.trim();
  const add = () => {
    setTyped("");
    onChange([...chosen.filter((each) => each !== name), name]);
  };
  return (
    <details class="more-fields" open={chosen.length > 0}>
      <summary>{t("Other models in its list")}</summary>
      <p class="muted">
        {t(
          "{0} lists models of a gateway only where their names begin with “claude”. Each model that you add gets such a name, by a route, and connecting has it ask for the list. Disconnecting takes both away.",
          props.label,
        )}
      </p>
      <div class="row wrap ask">
        <span class="grow">
          <NameField
            label={t("Model for its list")}
            value={typed}
            names={names.filter((each) => !chosen.includes(each))}
            onInput={setTyped}
          />
        </span>
        <Button disabled={name === ""} onClick={add}>
          {t("Add")}
        </Button>
      </div>
      {chosen.length > 0 && (
        <ul aria-label={t("Other models in its list")}>
          {chosen.map((each) => (
            <li key={each} class="row">
              <code class="grow">{each}</code>
              <Button
                kind="link"
                label={t("Remove {0}", each)}
                onClick={() => onChange(chosen.filter((other) => other !== each))}
              >
                {t("Remove")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
