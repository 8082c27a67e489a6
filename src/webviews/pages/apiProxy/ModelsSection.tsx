/** All that a tool may ask for: who serves it, how much it takes, what it costs. */
import { t } from "@vscode/l10n";
import { useMemo } from "preact/hooks";
import type { ModelView } from "../../../control/settings.ts";
import { Button, IconButton } from "../../components/Button.tsx";
import { copy } from "../../components/Copyable.tsx";
import { FilterField, Select } from "../../components/Field.tsx";
import { LongTable } from "../../components/LongTable.tsx";
import { Empty } from "../../components/Message.tsx";
import { ProviderFilter } from "../../components/ProviderFilter.tsx";
import { ProviderMark } from "../../components/ProviderMark.tsx";
import { Tag } from "../../components/State.tsx";
import { type Column, TwoLines } from "../../components/Table.tsx";
import { format } from "../../labels.ts";
import { knownAccounts } from "../../state/gateway.ts";
import { readyOf, useLoaded } from "../../state/loaded.ts";
import { query, setQuery } from "../../state/route.ts";
import { call } from "../../transport.ts";
import { ABILITIES, type Ability, findModels, type ModelRow, modelRows } from "./modelRows.ts";

export function ModelsSection(props: { models: readonly ModelView[]; onAgain(): void }) {
  const { models, onAgain } = props;
  const rows = useMemo(() => modelRows(models), [models]);
  const { find: text = "", provider = "", takes = "" } = query.value;
  const list = knownAccounts();
  const providers = useLoaded((signal) => call("providers.list", undefined, { signal }));
  const ability = ABILITIES.find((each) => each === takes);
  const of = new Set(list.filter((each) => each.provider === provider).map(({ id }) => id));
  const found = findModels(rows, { text, accounts: provider === "" ? undefined : of, ability });
  if (models.length === 0) {
    return (
      <Empty shape="lines" action={<Button onClick={onAgain}>{t("Look again")}</Button>}>
        {t("No model is known yet. They come with the first account.")}
      </Empty>
    );
  }
  return (
    <div class="stack close model-catalog">
      <div class="bar">
        <FilterField label={t("Find a model")} value={text} onInput={(value) => setQuery({ find: value })} />
        <ProviderFilter accounts={list} providers={readyOf(providers.state.value) ?? []} value={provider} />
        <Select
          label={t("What it takes")}
          hideLabel
          value={ability ?? ""}
          options={[
            { value: "", label: t("Whatever it takes") },
            ...ABILITIES.map((value) => ({ value, label: abilityLabel(value) })),
          ]}
          onChange={(value) => setQuery({ takes: value })}
        />
        <span class="muted num">
          {found.length === rows.length
            ? rows.length === 1
              ? t("1 model")
              : t("{0} models", format.count(rows.length))
            : t("{0} of {1}", format.count(found.length), format.count(rows.length))}
        </span>
      </div>
      {found.length === 0 ? (
        <Empty
          action={
            <Button onClick={() => setQuery({ find: undefined, provider: undefined, takes: undefined })}>
              {t("Show all models")}
            </Button>
          }
        >
          {text === "" ? t("No model fits.") : t("No model is called that.")}
        </Empty>
      ) : (
        <LongTable
          label={t("Models")}
          columns={columns()}
          rows={found}
          keyOf={({ name }) => name}
          lines={(model) => (
            <TwoLines
              first={
                <>
                  <code>{model.name}</code> {model.routed && <Routed model={model} />}
                </>
              }
              end={<CopyName name={model.name} />}
              second={[served(model), takesLabel(model)].filter(Boolean).join(" · ")}
              secondEnd={priceLabel(model) || windowLabel(model)}
            />
          )}
        />
      )}
    </div>
  );
}

function columns(): Column<ModelRow>[] {
  return [
    {
      id: "name",
      head: t("Name"),
      title: ({ name }) => name,
      cell: (model) => (
        <>
          <code>{model.name}</code> {model.routed && <Routed model={model} />}
        </>
      ),
    },
    { id: "served", head: t("Served by"), title: served, cell: (model) => <Servers model={model} /> },
    { id: "takes", head: t("Takes"), title: takesLabel, cell: takesLabel },
    {
      id: "window",
      head: t("Context"),
      kind: "num",
      title: ({ contextWindow }) => exact(contextWindow),
      cell: ({ contextWindow }) => (contextWindow === undefined ? "—" : format.size(contextWindow)),
    },
    {
      id: "output",
      head: t("Reply"),
      kind: "num",
      title: ({ maxOutput }) => exact(maxOutput),
      cell: ({ maxOutput }) => (maxOutput === undefined ? "—" : format.size(maxOutput)),
    },
    {
      id: "in",
      head: t("Input / M"),
      kind: "num",
      title: ({ price }) =>
        price?.cacheRead === undefined ? undefined : t("from the cache {0}", format.price(price.cacheRead)),
      cell: ({ price }) => (price === undefined ? "—" : format.price(price.input)),
    },
    {
      id: "out",
      head: t("Output / M"),
      kind: "num",
      cell: ({ price }) => (price === undefined ? "—" : format.price(price.output)),
    },
    { id: "copy", head: "", kind: "tight", cell: ({ name }) => <CopyName name={name} /> },
  ];
}

function Routed({ model }: { model: ModelView }) {
  return <Tag title={t("A route of the name {0} takes it elsewhere", model.name)}>{t("routed")}</Tag>;
}

/** Each by its own name, where it has one: so a tool can be told to ask that very account. */
function Servers({ model: { name: usual, accounts: all, names } }: { model: ModelRow }) {
  return (
    <span class="servers">
      {all.map(({ id, label }) => {
        const name = names.get(id);
        const provider = knownAccounts().find((each) => each.id === id)?.provider ?? id;
        return (
          <span key={id} class="server">
            <ProviderMark provider={provider} label={label} />
            {name === undefined || name === usual ? (
              label
            ) : (
              <Button kind="link" label={t("Copy {0}", name)} onClick={() => copy(name, name)}>
                {label}
              </Button>
            )}
          </span>
        );
      })}
    </span>
  );
}

function abilityLabel(ability: Ability): string {
  const labels: Record<Ability, string> = {
    image: t("Takes images"),
    pdf: t("Takes PDF"),
    audio: t("Takes audio"),
    efforts: t("Can be told how much to think"),
  };
  return labels[ability];
}

/** `images, PDF · thinks low … max`. */
function takesLabel({ input, efforts = [] }: ModelView): string {
  const kinds = [input?.image && t("images"), input?.pdf && t("PDF"), input?.audio && t("audio")];
  const thinks = efforts.length > 1 ? `${efforts[0]} … ${efforts.at(-1)}` : efforts[0];
  return [kinds.filter(Boolean).join(", "), thinks === undefined ? "" : t("thinks {0}", thinks)]
    .filter(Boolean)
    .join(" · ");
}

function CopyName({ name }: { name: string }) {
  return <IconButton icon="copy" label={t("Copy {0}", name)} onClick={() => copy(name, name)} />;
}

function served({ accounts }: ModelView): string {
  return accounts.map(({ label }) => label).join(", ");
}

function exact(tokens: number | undefined): string | undefined {
  return tokens === undefined ? undefined : t("{0} tokens", format.exact(tokens));
}

function windowLabel({ contextWindow }: ModelView): string {
  return contextWindow === undefined ? "" : format.size(contextWindow);
}

function priceLabel({ price }: ModelView): string {
  return price === undefined ? "" : `${format.price(price.input)} / ${format.price(price.output)}`;
}
