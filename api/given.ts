/** `undefined` removed from the type and from the value: "absent" is the only way to say "keep". */
export type Given<T extends object> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields of `fields` that were given. Zod types an absent optional field as `undefined`, stores want it absent. */
export function given<T extends object>(fields: T): Given<T> {
  // Object.fromEntries forgets the keys' types; the filter is exactly what Given says.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
