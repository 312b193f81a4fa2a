/** The query of a request: each parameter with all of its values, in the order in which the names come first. */
export function readQuery(url: string): Map<string, string[]> {
  const start = url.indexOf("?");
  const parameters = new URLSearchParams(start < 0 ? "" : url.slice(start + 1));
  return new Map([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name)]));
}
