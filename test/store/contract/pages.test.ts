import fc from "fast-check";
import { expect, test } from "vitest";
import type { Order } from "../../../core/cursor.js";
import type { Page, PageRequest } from "../../../core/store-ports.js";
import { EVERY_DELIVERY, EVERY_EVENT } from "../samples.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;

interface Subject {
  name: string;
  /** Adds a row of the application and answers its id. */
  add(applicationId: string): Promise<string>;
  list(applicationId: string, page: PageRequest): Promise<Page<{ id: string }>>;
}

const subjects: Subject[] = [
  {
    name: "events",
    add: async (applicationId) => {
      const event = samples.event({ applicationId });
      await fixture.store.events.insert(event);
      return event.id;
    },
    list: (applicationId, page) => fixture.store.events.list(applicationId, EVERY_EVENT, page),
  },
  {
    name: "deliveries",
    add: async (applicationId) => {
      const delivery = samples.delivery({ applicationId });
      await fixture.store.deliveries.insertNew([delivery]);
      return delivery.id;
    },
    list: (applicationId, page) => fixture.store.deliveries.list(applicationId, EVERY_DELIVERY, page),
  },
  {
    name: "endpoints",
    add: async (applicationId) => {
      const endpoint = samples.endpoint({ applicationId });
      await fixture.store.endpoints.insert(endpoint);
      return endpoint.id;
    },
    list: (applicationId, page) => fixture.store.endpoints.list(applicationId, page),
  },
];

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("add" as const), own: fc.boolean(), ms: fc.constantFrom(0, 1, 1500) }),
    fc.record({ kind: fc.constant("read" as const), limit: fc.integer({ min: 1, max: 4 }) }),
  ),
  { maxLength: 25 },
);

for (const subject of subjects) {
  for (const order of ["newest", "oldest"] satisfies Order[]) {
    test(`pages of ${subject.name}, ${order} first, neither skip nor repeat while rows arrive`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 6 }), steps, async (before, plan) => {
          const [mine, theirs] = [ids.next("application"), ids.next("application")];
          const all: string[] = [];
          for (let row = 0; row < before; row += 1) all.push(await subject.add(mine));
          const atStart = [...all];

          const read: string[] = [];
          let after: string | null = null;
          /** Answers whether there is more to read. */
          const readPage = async (limit: number): Promise<boolean> => {
            if (read.length > 0 && after === null) return false;
            const page = await subject.list(mine, { limit, order, after });
            expect(page.rows.length).toBeLessThanOrEqual(limit);
            read.push(...page.rows.map((it) => it.id));
            after = page.next;
            return after !== null;
          };
          for (const step of plan) {
            if (step.kind === "read") {
              await readPage(step.limit);
              continue;
            }
            clock.ms += step.ms;
            if (step.own) all.push(await subject.add(mine));
            else await subject.add(theirs);
          }
          while (await readPage(3));

          const inOrder = order === "oldest" ? all : all.toReversed();
          const seen = new Set(read);
          expect(seen.size).toBe(read.length);
          // A run of the list without gaps, which holds whatever was there when the reading began.
          expect(read).toEqual(inOrder.filter((it) => seen.has(it)));
          expect(atStart.every((it) => seen.has(it))).toBe(true);
          const first = inOrder.indexOf(read[0] ?? "");
          expect(read).toEqual(read.length === 0 ? [] : inOrder.slice(first, first + read.length));
        }),
        { numRuns: 25 },
      );
    });
  }
}
