/** A text that is completed from a list of names. */
import { useId } from "preact/hooks";
import { TextField, type TextFieldProps } from "./Field.tsx";

/** Of completions: more are not read. */
const MOST = 40;

interface NameFieldProps extends TextFieldProps {
  names: readonly string[];
  /** Alt and an arrow. */
  onMove?: ((by: -1 | 1) => void) | undefined;
}

export function NameField({ names, onMove, ...field }: NameFieldProps) {
  const list = useId();
  return (
    <>
      <TextField
        {...field}
        mono
        list={list}
        onKeyDown={(event) => {
          if (!event.altKey || onMove === undefined) return;
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          onMove(event.key === "ArrowUp" ? -1 : 1);
        }}
      />
      <datalist id={list}>
        {completions(field.value, names).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

/** Those that begin so first, then those that hold it. */
export function completions(typed: string, names: readonly string[]): string[] {
  const wanted = typed.trim().toLowerCase();
  const begins: string[] = [];
  const holds: string[] = [];
  for (const name of names) {
    const lower = name.toLowerCase();
    if (lower === wanted) continue;
    if (lower.startsWith(wanted)) begins.push(name);
    else if (lower.includes(wanted)) holds.push(name);
    if (begins.length >= MOST) break;
  }
  return [...begins, ...holds].slice(0, MOST);
}
