/** One route: a line to read, or a form. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import type { RouteRule } from "../../../control/settings.ts";
import { Button, IconButton } from "../../components/Button.tsx";
import { Select, TextField } from "../../components/Field.tsx";
import { NameField } from "../../components/NameField.tsx";
import { RuleText } from "./RuleLabel.tsx";
import { EFFORTS, type RuleProblems } from "./routeRules.ts";
import { Targets } from "./Targets.tsx";

export interface RouteEditorProps {
  rule: RouteRule;
  open: boolean;
  problems: RuleProblems;
  names: readonly string[];
  first: boolean;
  last: boolean;
  /** To drag it by; absent: it is alone. */
  grip: ComponentChildren;
  /** While one is dragged. */
  dragClass: string;
  onOpen(open: boolean): void;
  onChange(rule: RouteRule): void;
  onMove(by: -1 | 1): void;
  onRemove(): void;
}

export function RouteEditor(props: RouteEditorProps) {
  const { rule, open, problems } = props;
  const name = rule.model === "" ? t("the new route") : rule.model;
  const wrong = Object.values(problems)[0];
  return (
    <li class={`${open ? "rule open" : "rule"}${props.dragClass}`}>
      <div class="head">
        {props.grip}
        <RuleText rule={rule} />
        {!open && wrong !== undefined && <span class="bad">{wrong}</span>}
        <span class="row buttons">
          <IconButton
            icon="arrow-up"
            label={t("Move {0} up", name)}
            disabled={props.first}
            onClick={() => props.onMove(-1)}
          />
          <IconButton
            icon="arrow-down"
            label={t("Move {0} down", name)}
            disabled={props.last}
            onClick={() => props.onMove(1)}
          />
          <IconButton icon="trash" label={t("Remove {0}", name)} onClick={props.onRemove} />
          <Button
            label={open ? t("Close {0}", name) : t("Edit {0}", name)}
            onClick={() => props.onOpen(!open)}
          >
            {open ? t("Close") : t("Edit")}
          </Button>
        </span>
      </div>
      {open && <Form {...props} />}
    </li>
  );
}

function Form({ rule, problems, names, onChange }: RouteEditorProps) {
  const { edit = {} } = rule;
  const change = (part: Partial<NonNullable<RouteRule["edit"]>>) =>
    onChange({ ...rule, edit: { ...edit, ...part } });
  return (
    <div class="stack form">
      <NameField
        label={t("When a tool asks for")}
        value={rule.model}
        names={names.filter((each) => !each.includes("/"))}
        placeholder="claude-*"
        error={problems.model}
        autofocus={rule.model === ""}
        onInput={(model) => onChange({ ...rule, model })}
      />
      <div class="field">
        <span>{t("it goes to, in this order")}</span>
        <Targets
          label={t("Target")}
          values={rule.to}
          names={names}
          onChange={(to) => onChange({ ...rule, to })}
        />
        {problems.to !== undefined && (
          <p class="error bad" role="alert">
            {problems.to}
          </p>
        )}
      </div>
      <details class="more-fields" open={Object.values(edit).some((each) => each !== undefined)}>
        <summary>{t("Change the requests on the way")}</summary>
        <div class="stack">
          <p class="muted">{t("Without this, nothing is ever rewritten but the model's name.")}</p>
          <div class="two">
            <Select
              label={t("Reasoning effort")}
              value={edit.effort ?? ""}
              options={[
                { value: "" as const, label: t("as the tool says") },
                ...EFFORTS.map((value) => ({ value, label: value })),
              ]}
              onChange={(value) => {
                const { effort: _old, ...rest } = edit;
                onChange({ ...rule, edit: value === "" ? rest : { ...rest, effort: value } });
              }}
            />
            <TextField
              label={t("Tokens of a reply at most")}
              value={edit.maxTokens === undefined ? "" : String(edit.maxTokens)}
              placeholder={t("as the tool says")}
              error={problems.maxTokens}
              onInput={(typed) => {
                const { maxTokens: _old, ...rest } = edit;
                const text = typed.trim();
                onChange({ ...rule, edit: text === "" ? rest : { ...rest, maxTokens: Number(text) } });
              }}
            />
          </div>
          <TextField
            label={t("Text before the tool's own system prompt")}
            value={edit.systemPrefix ?? ""}
            rows={3}
            onInput={(systemPrefix) => change({ systemPrefix })}
          />
        </div>
      </details>
    </div>
  );
}
