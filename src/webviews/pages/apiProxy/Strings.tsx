/** A list of short texts, to add to and take from. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import { Button, IconButton } from "../../components/Button.tsx";
import { TextField } from "../../components/Field.tsx";

export function Strings(props: {
  label: string;
  placeholder: string;
  values: readonly string[];
  /** For the person. */
  problemOf(value: string): string | undefined;
  fixed: boolean;
  busy: boolean;
  /** @returns whether it was kept */
  onChange(values: string[]): Promise<boolean>;
}) {
  const { values, fixed, busy } = props;
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState<string>();
  return (
    <>
      {values.length > 0 && (
        <ul class="strings">
          {values.map((value) => (
            <li key={value} class="row">
              <code class="grow">{value}</code>
              {!fixed && (
                <IconButton
                  icon="close"
                  label={t("Remove {0}", value)}
                  onClick={() => props.onChange(values.filter((each) => each !== value))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {!fixed && (
        <form
          class="row look"
          onSubmit={async (event) => {
            event.preventDefault();
            const value = typed.trim();
            const problem = props.problemOf(value);
            setWrong(problem);
            if (problem !== undefined) return;
            // At once: the next one may be typed meanwhile.
            setTyped("");
            if (!(await props.onChange([...values, value]))) setTyped((now) => (now === "" ? value : now));
          }}
        >
          <span class="grow">
            <TextField
              label={props.label}
              hideLabel
              value={typed}
              mono
              placeholder={props.placeholder}
              error={wrong}
              onInput={(value) => {
                setTyped(value);
                setWrong(undefined);
              }}
            />
          </span>
          <Button submit busy={busy} onClick={() => undefined}>
            {t("Add")}
          </Button>
        </form>
      )}
    </>
  );
}
