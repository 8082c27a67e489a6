/** A setting that is a list of short texts, to add to and take from. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import { Button, IconButton } from "../../components/Button.tsx";
import { TextField } from "../../components/Field.tsx";
import { Form } from "../../components/Form.tsx";
import type { Setting } from "../../state/setting.ts";

export function Strings(props: {
  label: string;
  placeholder: string;
  setting: Setting<"allowedOrigins" | "allowedHosts">;
  /** For the person. @param known those on the list */
  problemOf(value: string, known: readonly string[]): string | undefined;
}) {
  const { value: values, busy, save } = props.setting;
  const fixed = props.setting.fixed !== undefined;
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
                  onClick={() => save(values.filter((each) => each !== value))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {!fixed && (
        <Form
          class="row look"
          onSubmit={async () => {
            const value = typed.trim();
            const problem = props.problemOf(value, values);
            setWrong(problem);
            if (problem !== undefined) return;
            // At once: the next one may be typed meanwhile.
            setTyped("");
            if (!(await save([...values, value]))) setTyped((now) => (now === "" ? value : now));
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
          <Button busy={busy}>{t("Add")}</Button>
        </Form>
      )}
    </>
  );
}
