/**
 * Sets an entry of a bounded map as its newest; beyond `entriesMax` the oldest goes. Maps keep insertion order, so with
 * every use put anew the first key is the one that was used least recently.
 */
export function putNewest<Key, Value>(
  map: Map<Key, Value>,
  [key, value]: readonly [Key, Value],
  entriesMax: number,
): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= entriesMax) break;
    map.delete(oldest);
  }
}
