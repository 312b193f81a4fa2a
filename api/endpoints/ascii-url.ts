/**
 * The URL as it is stored and shown. A host in other letters is put into its ASCII form (`xn--…`): people and those who
 * review see where requests go, and not a name that looks like another. Whatever is ASCII already stays as it was typed.
 *
 * @param url one that `UrlPolicy` has let through
 */
export function asciiUrl(url: string): string {
  return /^[\x20-\x7e]*$/.test(url) ? url : new URL(url).href;
}
