/** The query of a request: each parameter with all of its values, in the order in which the names come first. */
export function readQuery(url: string): Map<string, string[]> {
  const start = url.indexOf("?");
  if (start < 0) return new Map();
  const parameters = new URLSearchParams(url.slice(start + 1));
  return new Map([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name)]));
}
