/** What is filtered, as a file. In parts, so that it can be seen to go on, and ended. */
import { t } from "@vscode/l10n";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RequestFilter } from "../../../control/requests.ts";
import { Button } from "../../components/Button.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Failure } from "../../components/Message.tsx";
import { Meter } from "../../components/Meter.tsx";
import { toast } from "../../components/Toast.tsx";
import { writeMoment } from "../../days.ts";
import { format } from "../../labels.ts";
import { isCancelled, messageOf } from "../../state/loaded.ts";
import { call } from "../../transport.ts";

export type FileFormat = "jsonl" | "csv";

/** Requests in one part. */
const PART = 2000;
/** Characters of a file; a page holds it whole before it is saved. */
const MAX_TEXT = 64_000_000;

export function Export(props: {
  filter: RequestFilter;
  format: FileFormat;
  /** How many there are, as far as the list knows. */
  total: number;
  onClose(): void;
}) {
  const { filter, total, onClose } = props;
  const [done, setDone] = useState(0);
  const [problem, setProblem] = useState<string>();
  const controller = useRef<AbortController>(undefined);
  useEffect(() => {
    const own = new AbortController();
    controller.current = own;
    run(filter, props.format, own.signal, setDone).then(
      (saved) => {
        if (own.signal.aborted) return;
        if (saved.kind === "saved") {
          toast(
            saved.whole
              ? t("Saved {0} requests", format.count(saved.rows))
              : t("Saved the newest {0} requests; a file cannot hold more", format.count(saved.rows)),
          );
        }
        onClose();
      },
      (thrown) => {
        if (own.signal.aborted || isCancelled(thrown)) return;
        setProblem(messageOf(thrown));
      },
    );
    return () => own.abort();
  }, []);
  const share = total === 0 ? 0 : Math.min(1, done / total);
  return (
    <Dialog
      title={props.format === "csv" ? t("Export as CSV") : t("Export as JSON lines")}
      onClose={onClose}
      footer={<Button onClick={onClose}>{problem === undefined ? t("Cancel") : t("Close")}</Button>}
    >
      {problem === undefined && (
        <>
          <p role="status" class="num">
            {t("{0} of {1} requests", format.count(done), format.count(Math.max(total, done)))}
          </p>
          <Meter share={share} tone="ok" label={t("Export")} words={format.percent(share)} />
        </>
      )}
      <Failure message={problem} />
    </Dialog>
  );
}

type Saved = { kind: "saved"; rows: number; whole: boolean } | { kind: "not-saved" };

async function run(
  filter: RequestFilter,
  fileFormat: FileFormat,
  signal: AbortSignal,
  onProgress: (rows: number) => void,
): Promise<Saved> {
  const parts: string[] = [];
  let size = 0;
  let rows = 0;
  let before: number | undefined;
  do {
    const asked = { filter, format: fileFormat, limit: PART, ...(before === undefined ? {} : { before }) };
    const part = await call("requests.export", asked, { signal });
    parts.push(part.text);
    size += part.text.length;
    rows += part.rows;
    before = part.next;
    onProgress(rows);
  } while (before !== undefined && size < MAX_TEXT);
  // `2026-11-22-1431`.
  const stamp = writeMoment(Date.now()).replace("T", "-").replace(":", "");
  const name = `portico-requests-${stamp}.${fileFormat}`;
  const { saved } = await call("host.save", { name, text: parts.join("") }, { signal, timeoutMs: 600_000 });
  return saved ? { kind: "saved", rows, whole: before === undefined } : { kind: "not-saved" };
}
