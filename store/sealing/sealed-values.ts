/** All sealed values of the installation: how many are under which key, and their move to the active one. */
import { Fields } from "../decode.js";
import type { StoredDocument } from "../decode.js";
import type { Table } from "../table.js";
import { kidsOf } from "./endpoint-values.js";
import { resealDocument } from "./reseal.js";
import type { Sealer } from "./sealer.js";

export interface SealedCounts {
  /** Values under each key, by kid in alphabetical order. A key whose kid is missing here is not needed any more. */
  byKid: ReadonlyMap<string, number>;
  /** Values that are not sealed: written before values were. */
  plain: number;
}

export interface Rotation {
  /** Values sealed anew. */
  values: number;
  /** Endpoints that others changed so often meanwhile that they were left; a second rotation takes them. */
  endpointsLeft: number;
}

export interface SealedValues {
  counts(): Promise<SealedCounts>;
  /**
   * Seals everything under the active key that is not. What does not open stays as it is. May be repeated, and may run
   * beside processes that have both keys.
   */
  rotate(): Promise<Rotation>;
}

const PAGE = 100;

export function createSealedValues(table: Table, sealer: Sealer): SealedValues {
  return {
    async counts() {
      const byKid = new Map<string, number>();
      let plain = 0;
      for await (const document of endpoints(table)) {
        for (const kid of kidsOf(new Fields("endpoints", document))) {
          if (kid === null) plain += 1;
          else byKid.set(kid, (byKid.get(kid) ?? 0) + 1);
        }
      }
      return { byKid: new Map([...byKid].sort(([one], [other]) => (one < other ? -1 : 1))), plain };
    },
    async rotate() {
      const rotation: Rotation = { values: 0, endpointsLeft: 0 };
      for await (const document of endpoints(table)) {
        const result = await resealDocument(table, sealer, document);
        if (result.kind === "done") rotation.values += result.values;
        else rotation.endpointsLeft += 1;
      }
      return rotation;
    },
  };
}

/** Every endpoint, page by page and oldest first, with its values only. */
async function* endpoints(table: Table): AsyncGenerator<StoredDocument> {
  const projection = { applicationId: 1, secrets: 1, asymmetricKeys: 1, headers: 1, sealedHeaders: 1 };
  let after: string | null = null;
  for (;;) {
    const filter: { _id?: { $gt: string } } = after === null ? {} : { _id: { $gt: after } };
    const page: StoredDocument[] = await table.find(filter, { sort: { _id: 1 }, limit: PAGE, projection });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last._id;
  }
}
