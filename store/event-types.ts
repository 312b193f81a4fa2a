import type { UpdateFilter } from "mongodb";
import type { EventType } from "../core/model.js";
import type { Clock } from "../core/ports.js";
import type { EventTypeChange, EventTypeStore } from "../core/store-ports.js";
import { Fields, jsonOf } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import { readPage, startingWith } from "./page.js";
import type { Table } from "./table.js";

/** The name is the id within an application, so the two together are the document's `_id`, and its order is the names'. */
export function createEventTypeStore({ table, clock }: { table: Table; clock: Clock }): EventTypeStore {
  return {
    async insert(eventType) {
      const refused = await table.insert(encode(eventType));
      return refused === null ? { kind: "inserted", row: eventType } : { kind: "taken", field: "name" };
    },
    async find(applicationId, name) {
      const document = await table.findOne({ _id: idOf(applicationId, name) });
      return document && decode(document);
    },
    async list(applicationId, page, { includeArchived }) {
      const prefix = idOf(applicationId, "");
      const found = await readPage(table, {
        filter: includeArchived ? {} : { archived: false },
        range: startingWith(prefix),
        page: { ...page, after: page.after === null ? null : idOf(applicationId, page.after) },
        decode,
      });
      return { rows: found.rows, next: found.next && found.next.slice(prefix.length) };
    },
    async update(applicationId, name, change) {
      const changed = await table.change({ _id: idOf(applicationId, name) }, updateOf(change, new Date(clock.now())));
      if (typeof changed === "string")
        throw new Error(`no unique index of event types but ${changed} refused a change`);
      return changed && decode(changed);
    },
  };
}

function idOf(applicationId: string, name: string): string {
  return `${applicationId}/${name}`;
}

function encode({ schema, example, ...rest }: EventType): StoredDocument {
  return { _id: idOf(rest.applicationId, rest.name), ...rest, schema: jsonOf(schema), example: jsonOf(example) };
}

function updateOf({ schema, example, ...rest }: EventTypeChange, updatedAt: Date): UpdateFilter<StoredDocument> {
  return {
    $set: {
      ...rest,
      updatedAt,
      ...(schema !== undefined && { schema: jsonOf(schema) }),
      ...(example !== undefined && { example: jsonOf(example) }),
    },
  };
}

function decode(document: StoredDocument): EventType {
  const fields = new Fields("eventTypes", document);
  return {
    applicationId: fields.text("applicationId"),
    name: fields.text("name"),
    description: fields.text("description"),
    schema: fields.jsonOrNull("schema"),
    example: fields.jsonOrNull("example"),
    group: fields.textOrNull("group"),
    archived: fields.flag("archived"),
    createdAt: fields.time("createdAt"),
    updatedAt: fields.time("updatedAt"),
  };
}
