import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FilterableEndpoint, FilterableEvent } from "../../core/filter.js";
import { coversEventType, matchEndpoint } from "../../core/filter.js";

const segment = fc.stringMatching(/^[a-z0-9_]{1,6}$/);
const typeName = fc.array(segment, { minLength: 1, maxLength: 4 }).map((it) => it.join("."));
const channels = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 3 });

const endpoint: fc.Arbitrary<FilterableEndpoint> = fc.record({
  id: fc.constantFrom("ep_1", "ep_2"),
  status: fc.constantFrom("active", "paused", "disabled"),
  eventTypes: fc.array(
    fc.oneof(
      typeName,
      typeName.map((it) => `${it}.*`),
    ),
    { maxLength: 3 },
  ),
  channels,
  pairedEvents: fc.constantFrom("both", "group", "granular"),
});
const event: fc.Arbitrary<FilterableEvent> = fc.record({
  eventType: typeName,
  channels,
  pairRole: fc.constantFrom(null, "group", "granular"),
  endpointIds: fc.option(fc.array(fc.constantFrom("ep_1", "ep_2", "ep_3"), { maxLength: 2 })),
});

const plain: FilterableEndpoint = { id: "ep_1", status: "active", eventTypes: [], channels: [], pairedEvents: "both" };
const plainEvent: FilterableEvent = { eventType: "a.b", channels: [], pairRole: null, endpointIds: null };

describe("a pattern of event types", () => {
  it("covers its own name and nothing else without a wildcard", () => {
    fc.assert(
      fc.property(typeName, typeName, (one, other) => {
        expect(coversEventType(one, one)).toBe(true);
        expect(coversEventType(one, other)).toBe(one === other);
      }),
    );
  });

  it("with a wildcard covers every name below its prefix, however deep", () => {
    fc.assert(
      fc.property(typeName, typeName, (prefix, rest) => {
        expect(coversEventType(`${prefix}.*`, `${prefix}.${rest}`)).toBe(true);
      }),
    );
  });

  it("with a wildcard covers neither its prefix alone nor a longer word", () => {
    fc.assert(
      fc.property(typeName, segment, (prefix, rest) => {
        expect(coversEventType(`${prefix}.*`, prefix)).toBe(false);
        expect(coversEventType(`${prefix}.*`, `${prefix}.`)).toBe(false);
        expect(coversEventType(`${prefix}.*`, `${prefix}${rest}.x`)).toBe(false);
      }),
    );
  });

  it.each([
    ["a.*", "a.b", true],
    ["a.*", "a.b.c", true],
    ["a.*", "a", false],
    ["a.*", "ab.c", false],
    ["a.b.*", "a.c", false],
    ["*", "a", false],
    ["a.*.c", "a.b.c", false],
  ])("%s and %s: %s", (pattern, eventType, covered) => {
    expect(coversEventType(pattern, eventType)).toBe(covered);
  });
});

describe("the endpoints of an event", () => {
  it("are those whose two filters are empty or hit, as Svix has it", () => {
    fc.assert(
      fc.property(endpoint, event, (receiver, sent) => {
        const ordinary = { ...sent, endpointIds: null, pairRole: null };
        const typeHit = receiver.eventTypes.some((it) => coversEventType(it, sent.eventType));
        const channelHit = receiver.channels.some((it) => sent.channels.includes(it));
        const expected =
          receiver.status !== "disabled" &&
          (receiver.eventTypes.length === 0 || typeHit) &&
          (receiver.channels.length === 0 || channelHit);
        expect(matchEndpoint(receiver, ordinary).matched).toBe(expected);
      }),
    );
  });

  it("are exactly the named ones if the event names some, whatever their filters and status say", () => {
    fc.assert(
      fc.property(endpoint, event, (receiver, sent) => {
        fc.pre(sent.endpointIds !== null);
        expect(matchEndpoint(receiver, sent).matched).toBe(sent.endpointIds.includes(receiver.id));
      }),
    );
  });

  it("include paused ones, whose deliveries are held", () => {
    const paused: FilterableEndpoint = { ...plain, status: "paused" };
    expect(matchEndpoint(paused, plainEvent).matched).toBe(true);
  });

  it("are, of two events that tell the same, only those who take this one of the pair", () => {
    const takes = (pairedEvents: FilterableEndpoint["pairedEvents"], pairRole: FilterableEvent["pairRole"]) =>
      matchEndpoint({ ...plain, pairedEvents }, { ...plainEvent, pairRole }).matched;
    expect([takes("both", "group"), takes("both", "granular")]).toEqual([true, true]);
    expect([takes("group", "group"), takes("group", "granular")]).toEqual([true, false]);
    expect([takes("granular", "group"), takes("granular", "granular")]).toEqual([false, true]);
    expect([takes("group", null), takes("granular", null)]).toEqual([true, true]);
  });

  it("come with a reason that agrees with the verdict, and a sentence", () => {
    fc.assert(
      fc.property(endpoint, event, (receiver, sent) => {
        const match = matchEndpoint(receiver, sent);
        expect(["matched", "forced"].includes(match.reason)).toBe(match.matched);
        expect(match.explanation).toMatch(/^[A-Z].*\.$/);
      }),
    );
  });
});
