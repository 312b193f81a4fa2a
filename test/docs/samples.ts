/** The programs on a page of the documentation, under the names that their first lines give them. */
import { readFile } from "node:fs/promises";

const BLOCK = /^```(?:ts|python)\n(?:\/\/|#) (\S+\.(?:ts|py))\n(.*?)^```$/gms;

/** File name → text, its first line included. @throws Error if two have one name */
export async function samplesOf(page: string): Promise<Map<string, string>> {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const samples = new Map<string, string>();
  for (const [block, name = ""] of text.matchAll(BLOCK)) {
    if (samples.has(name)) throw new Error(`${page} has two samples ${name}`);
    samples.set(name, block.replace(/^```\w+\n/, "").replace(/```$/, ""));
  }
  return samples;
}
