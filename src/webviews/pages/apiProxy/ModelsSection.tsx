/** All that a tool may ask for: who serves it, how much it takes, what it costs. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { ModelView } from "../../../control/settings.ts";
import { Button, IconButton } from "../../components/Button.tsx";
import { copy } from "../../components/Copyable.tsx";
import { FilterField } from "../../components/Field.tsx";
import { Empty } from "../../components/Message.tsx";
import { Tag } from "../../components/State.tsx";
import { type Column, Table, TwoLines } from "../../components/Table.tsx";
import { format } from "../../labels.ts";
import { query, setQuery } from "../../state/route.ts";

/** Shown at first, and with each "Show more". */
const STEP = 50;

export function ModelsSection(props: { models: readonly ModelView[]; onAgain(): void }) {
  const { models, onAgain } = props;
  const [most, setMost] = useState(STEP);
  const text = query.value.find ?? "";
  const found = findModels(models, text);
  const shown = found.slice(0, most);
  if (models.length === 0) {
    return (
      <Empty action={<Button onClick={onAgain}>{t("Look again")}</Button>}>
        {t("No model is known yet. They come with the first account.")}
      </Empty>
    );
  }
  return (
    <div class="model-catalog">
      <div class="bar">
        <FilterField label={t("Find a model")} value={text} onInput={(value) => setQuery({ find: value })} />
        <span class="muted num">
          {found.length === models.length
            ? models.length === 1
              ? t("1 model")
              : t("{0} models", format.count(models.length))
            : t("{0} of {1}", format.count(found.length), format.count(models.length))}
        </span>
      </div>
      {found.length === 0 ? (
        <Empty>{t("No model is called that.")}</Empty>
      ) : (
        <Table
          label={t("Models")}
          columns={columns()}
          rows={shown}
          keyOf={({ name }) => name}
          lines={(model) => (
            <TwoLines
              first={
                <>
                  <code>{model.name}</code> {model.routed && <Routed model={model} />}
                </>
              }
              end={<CopyName name={model.name} />}
              second={served(model)}
              secondEnd={priceLabel(model) || windowLabel(model)}
            />
          )}
        />
      )}
      {shown.length < found.length && (
        <Button onClick={() => setMost(most + STEP)}>
          {t("Show more ({0} left)", format.count(found.length - shown.length))}
        </Button>
      )}
    </div>
  );
}

/** Every word somewhere in its name or in who serves it. */
export function findModels(models: readonly ModelView[], text: string): ModelView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter(({ name, accounts }) => {
    const about = `${name} ${accounts.map(({ id, label }) => `${id} ${label}`).join(" ")}`.toLowerCase();
    return words.every((word) => about.includes(word));
  });
}

function columns(): Column<ModelView>[] {
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
    { id: "served", head: t("Served by"), title: served, cell: served },
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
