/** A URL for answers that are not about the endpoint itself: receivers take tokens in queries. */
export function withoutQuery(url: string): string {
  const bare = url.split(/[?#]/, 1)[0] ?? "";
  return bare === url ? url : `${bare}?…`;
}
