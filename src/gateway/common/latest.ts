/** Maps that hold so many entries at most: the one that was set longest ago makes room. */

/** Sets an entry as the latest one. @param limit entries, 1 at least */
export function setLatest<K, V>(map: Map<K, V>, key: K, value: V, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > limit) dropOldest(map, limit);
}

/** @param limit entries that stay, the latest */
export function dropOldest(map: Map<unknown, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
