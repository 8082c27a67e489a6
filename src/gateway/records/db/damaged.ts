/**
 * Files of recorded requests that were damaged and set aside. They hold what the file held that they were: who
 * clears the history clears them, and they go when what is in them would have gone.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** What SQLite keeps beside a file, the file itself among it. */
const BESIDE = ["", "-wal", "-shm"];
/** Damaged files that are kept, the latest. */
export const DAMAGED_KEPT = 2;

interface Damaged {
  /** Path of the file; others may lie beside it. */
  readonly path: string;
  /** When it was set aside, in milliseconds since 1970. */
  readonly time: number;
}

/** `portico.db.damaged-2026-01-31T12-00-00-000Z`. @returns the path it has now. @throws where it cannot be moved */
export function setAside(file: string, time: number): string {
  const aside = `${prefixOf(file)}${new Date(time).toISOString().replace(/[:.]/g, "-")}`;
  for (const end of BESIDE) if (existsSync(file + end)) renameSync(file + end, aside + end);
  for (const { path } of damagedOf(file).slice(0, -DAMAGED_KEPT)) remove(path);
  return aside;
}

/** Of a file, with all that lies beside it. */
export const bytesOf = (file: string): number =>
  BESIDE.reduce((sum, end) => sum + (statSync(file + end, { throwIfNoEntry: false })?.size ?? 0), 0);

/** @returns how many they are, and their bytes with all that lies beside them */
export function damagedSizes(file: string): { files: number; bytes: number } {
  const sizes = damagedOf(file).map(({ path }) => bytesOf(path));
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** @param before those that were set aside earlier; absent: all. @throws where one cannot be deleted */
export function removeDamaged(file: string, before = Number.POSITIVE_INFINITY): void {
  for (const { path, time } of damagedOf(file)) if (time < before) remove(path);
}

/** Oldest first. */
function damagedOf(file: string): Damaged[] {
  const prefix = basename(prefixOf(file));
  const stamps = new Map<string, number>();
  for (const name of readdirSync(dirname(file))) {
    const stamp = name.startsWith(prefix) ? STAMP.exec(name.slice(prefix.length)) : null;
    const [, begin = "", day, hour, minute, second, ms] = stamp ?? [];
    if (stamp === null) continue;
    stamps.set(begin, Date.parse(`${day}T${hour}:${minute}:${second}.${ms}Z`));
  }
  return [...stamps]
    .filter(([, time]) => !Number.isNaN(time))
    .map(([stamp, time]) => ({ path: join(dirname(file), prefix + stamp), time }))
    .sort((a, b) => a.time - b.time);
}

/** Also where only what lay beside a file is left of it. */
const STAMP = /^((\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z)(?:-wal|-shm)?$/;

const prefixOf = (file: string): string => `${file}.damaged-`;

function remove(path: string): void {
  for (const end of BESIDE) rmSync(path + end, { force: true });
}
