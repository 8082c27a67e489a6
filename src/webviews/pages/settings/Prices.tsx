/** What a model costs, where the built-in list is wrong or knows nothing. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { ListedAccount } from "../../../control/accounts.ts";
import type { PriceRule, SettingsView } from "../../../control/settings.ts";
import { Button, IconButton } from "../../components/Button.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { NumberField, Select, TextField } from "../../components/Field.tsx";
import { Failure } from "../../components/Message.tsx";
import { Section } from "../../components/Section.tsx";
import { type Column, Table, TwoLines } from "../../components/Table.tsx";
import { format } from "../../labels.ts";
import { accountLabel } from "../../state/gateway.ts";
import { useSetting } from "../../state/setting.ts";

export function Prices({ view, accounts }: { view: SettingsView; accounts: readonly ListedAccount[] }) {
  const setting = useSetting("prices", view);
  const [editing, setEditing] = useState<number | "new">();
  const prices = setting.value;
  const fixed = setting.fixed !== undefined;
  return (
    <Section
      title={t("Prices")}
      aside={t("USD per million tokens")}
      end={
        <Button icon="add" disabled={fixed} onClick={() => setEditing("new")}>
          {t("Add a price")}
        </Button>
      }
    >
      <p class="muted">
        {setting.fixed ??
          t(
            "Known models have the prices of a public list. Say here what yours cost; the first line that fits counts.",
          )}
      </p>
      {prices.length > 0 && (
        <Table
          label={t("Prices")}
          rows={prices}
          keyOf={(price) => String(prices.indexOf(price))}
          columns={columns(prices, fixed, setEditing, (gone) =>
            setting.save(prices.filter((each) => each !== gone)),
          )}
          lines={(price) => (
            <TwoLines
              first={price.model}
              end={`${format.price(price.input)} / ${format.price(price.output)}`}
              second={price.account === undefined ? t("any account") : accountLabel(price.account)}
              secondEnd={
                fixed ? undefined : (
                  <Button kind="link" onClick={() => setEditing(prices.indexOf(price))}>
                    {t("Change")}
                  </Button>
                )
              }
            />
          )}
        />
      )}
      <Failure message={setting.problem} />
      {editing !== undefined && (
        <EditPrice
          price={editing === "new" ? undefined : prices[editing]}
          accounts={accounts}
          problem={setting.problem}
          busy={setting.busy}
          onClose={() => setEditing(undefined)}
          onRemove={async () => {
            if (await setting.save(prices.filter((_, i) => i !== editing))) setEditing(undefined);
          }}
          onSave={async (price) => {
            const changed =
              editing === "new"
                ? [...prices, price]
                : prices.map((each, i) => (i === editing ? price : each));
            if (await setting.save(changed)) setEditing(undefined);
          }}
        />
      )}
    </Section>
  );
}

type AmountName = "input" | "output" | "cacheRead" | "cacheWrite";

function columns(
  prices: readonly PriceRule[],
  fixed: boolean,
  onEdit: (index: number) => void,
  onRemove: (price: PriceRule) => void,
): Column<PriceRule>[] {
  const price = (id: AmountName, head: string): Column<PriceRule> => ({
    id,
    head,
    kind: "num",
    cell: (rule) => (rule[id] === undefined ? "" : format.price(rule[id])),
  });
  return [
    { id: "model", head: t("Model"), cell: ({ model }) => <code>{model}</code>, title: ({ model }) => model },
    {
      id: "account",
      head: t("Account"),
      cell: ({ account }) =>
        account === undefined ? <span class="muted">{t("any")}</span> : accountLabel(account),
    },
    price("input", t("Input")),
    price("cacheRead", t("From cache")),
    price("cacheWrite", t("To cache")),
    price("output", t("Output")),
    {
      id: "actions",
      head: "",
      kind: "tight",
      cell: (rule) =>
        fixed ? (
          <span class="muted">{t("config file")}</span>
        ) : (
          <>
            <IconButton
              icon="edit"
              label={t("Change the price of {0}", rule.model)}
              onClick={() => onEdit(prices.indexOf(rule))}
            />
            <IconButton
              icon="trash"
              label={t("Remove the price of {0}", rule.model)}
              onClick={() => onRemove(rule)}
            />
          </>
        ),
    },
  ];
}

function EditPrice(props: {
  price: PriceRule | undefined;
  accounts: readonly ListedAccount[];
  problem: string | undefined;
  busy: boolean;
  onClose(): void;
  onRemove(): void;
  onSave(price: PriceRule): void;
}) {
  const [price, setPrice] = useState<PriceRule>(props.price ?? { model: "", input: 0, output: 0 });
  const change = (part: Partial<PriceRule>) => setPrice({ ...price, ...part });
  const empty = price.model.trim() === "";
  const field = (id: AmountName, label: string) => (
    <NumberField
      label={label}
      unit="$"
      min={0}
      value={price[id]}
      onCommit={(value) => change({ [id]: value })}
    />
  );
  return (
    <Dialog
      title={props.price === undefined ? t("Add a price") : t("Change a price")}
      onClose={props.onClose}
      footer={
        <>
          {props.price !== undefined && (
            <Button kind="danger" onClick={props.onRemove}>
              {t("Remove")}
            </Button>
          )}
          <span class="grow" />
          <Button onClick={props.onClose}>{t("Cancel")}</Button>
          <Button
            kind="primary"
            busy={props.busy}
            disabled={empty}
            onClick={() => props.onSave({ ...price, model: price.model.trim() })}
          >
            {t("Save")}
          </Button>
        </>
      }
    >
      <TextField
        label={t("Model")}
        mono
        autofocus
        value={price.model}
        hint={t("As the account names it; * stands for anything.")}
        onInput={(model) => change({ model })}
      />
      <Select
        label={t("Account")}
        value={price.account ?? ""}
        options={[
          { value: "", label: t("any") },
          ...props.accounts.map(({ id, label }) => ({ value: id, label })),
        ]}
        onChange={(account) => {
          const { account: _, ...rest } = price;
          setPrice(account === "" ? rest : { ...rest, account });
        }}
      />
      <div class="settings-numbers">
        {field("input", t("Input"))}
        {field("output", t("Output"))}
        {field("cacheRead", t("From cache"))}
        {field("cacheWrite", t("To cache"))}
      </div>
      <p class="muted">
        {t("Left empty, what comes from the cache or goes there costs as much as other input.")}
      </p>
      <Failure message={props.problem} />
    </Dialog>
  );
}
