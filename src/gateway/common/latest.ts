/** Maps that hold so many entries at most: the one that was set longest ago makes room. */

/** Sets an entry as the latest one. @param limit entries, 1 at least */
export function setLatest<K, V>(map: Map<K, V>, key: K, value: V, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
