/**
 * The client's types, from the router. The published package has what they come out as, spelled out by
 * `tools/build-client.ts`, so that its users need none of the libraries that the router is made of.
 */
import type { AppRouter } from "../api/app-router.js";
import type { ErrorCode as AnyErrorCode } from "../core/errors.js";
import type { JsonObject as AnyJsonObject } from "../core/json.js";
import type { Mutation, Query } from "./calls.js";

interface Typed<Type, Input, Output> {
  _def: { type: Type; $types: { input: Input; output: Output } };
}

type Call<Procedure> =
  Procedure extends Typed<"query", infer Input, infer Output>
    ? Query<Input, Output>
    : Procedure extends Typed<"mutation", infer Input, infer Output>
      ? Mutation<Input, Output>
      : never;

type Calls<Procedures> = { readonly [Name in keyof Procedures]: Call<Procedures[Name]> };

type Routers = AppRouter["_def"]["record"];

/** Every procedure of the service. */
export type PosthornClient = { readonly [Name in keyof Routers]: Calls<Routers[Name]> };

/** The codes of the service's errors; docs/errors.md explains each. */
export type ErrorCode = AnyErrorCode;

/** Any JSON object. Named here because inputs name it. */
export type JsonObject = AnyJsonObject;
