import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IdKind } from "../../core/ids.js";
import { deliveryIdOf, ID_PREFIX, isId, partsOfDeliveryId } from "../../core/ids.js";

const ksuid = fc.stringMatching(/^[0-9A-Za-z]{27}$/);
const simpleKinds = [
  "application",
  "endpoint",
  "event",
  "attempt",
  "operation",
  "audit",
] as const satisfies readonly IdKind[];

describe("the id of a delivery", () => {
  it("is derived from its event and its endpoint, and gives both back", () => {
    fc.assert(
      fc.property(ksuid, ksuid, (ofEvent, ofEndpoint) => {
        const eventId = `msg_${ofEvent}`;
        const endpointId = `ep_${ofEndpoint}`;
        const deliveryId = deliveryIdOf(eventId, endpointId);
        expect(isId("delivery", deliveryId)).toBe(true);
        expect(deliveryIdOf(eventId, endpointId)).toBe(deliveryId);
        expect(partsOfDeliveryId(deliveryId)).toEqual({ eventId, endpointId });
      }),
    );
  });

  it("differs where the event or the endpoint differs", () => {
    fc.assert(
      fc.property(fc.uniqueArray(ksuid, { minLength: 3, maxLength: 3 }), ([a = "", b = "", c = ""]) => {
        const id = deliveryIdOf(`msg_${a}`, `ep_${b}`);
        expect(deliveryIdOf(`msg_${c}`, `ep_${b}`)).not.toBe(id);
        expect(deliveryIdOf(`msg_${a}`, `ep_${c}`)).not.toBe(id);
      }),
    );
  });

  it("sorts by the event first, so lists of deliveries are lists by time", () => {
    fc.assert(
      fc.property(ksuid, ksuid, ksuid, ksuid, (a, b, x, y) => {
        fc.pre(a < b);
        expect(deliveryIdOf(`msg_${a}`, `ep_${x}`) < deliveryIdOf(`msg_${b}`, `ep_${y}`)).toBe(true);
      }),
    );
  });

  it("is not made of anything but an event and an endpoint", () => {
    const id = "0".repeat(27);
    expect(() => deliveryIdOf(`ep_${id}`, `ep_${id}`)).toThrow();
    expect(() => deliveryIdOf(`msg_${id}`, `msg_${id}`)).toThrow();
    expect(() => deliveryIdOf(`msg_${id}0`, `ep_${id}`)).toThrow();
    expect(() => partsOfDeliveryId(`msg_${id}`)).toThrow();
  });
});

describe("an id", () => {
  it("belongs to the one kind that its prefix names", () => {
    fc.assert(
      fc.property(fc.constantFrom(...simpleKinds), fc.constantFrom(...simpleKinds), ksuid, (kind, other, it) => {
        expect(isId(other, ID_PREFIX[kind] + it)).toBe(kind === other);
      }),
    );
  });

  it("has exactly 27 base62 characters, with nothing before or after", () => {
    fc.assert(
      fc.property(fc.constantFrom(...simpleKinds), fc.string(), (kind, text) => {
        fc.pre(!/^[0-9A-Za-z]{27}$/.test(text));
        expect(isId(kind, ID_PREFIX[kind] + text)).toBe(false);
      }),
    );
    expect(isId("event", `msg_${"0".repeat(27)}\n`)).toBe(false);
  });
});
