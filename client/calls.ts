/** How procedures are called. */

export interface CallOptions {
  /** Ends the call: the request in flight, its repetitions and the waiting between them. */
  signal?: AbortSignal | undefined;
}

/** An input that is optional, or of which every field is, may be left out. */
type Arguments<Input> = undefined extends Input
  ? [input?: Input, options?: CallOptions]
  : object extends Input
    ? [input?: Input | undefined, options?: CallOptions]
    : [input: Input, options?: CallOptions];

/** A procedure that reads. Repeated when the service or the network fails. */
export interface Query<Input, Output> {
  /** @throws PosthornClientError */
  query(...args: Arguments<Input>): Promise<Output>;
}

/** A procedure that changes something. Repeated only where the service takes a repetition for the same call. */
export interface Mutation<Input, Output> {
  /** @throws PosthornClientError */
  mutate(...args: Arguments<Input>): Promise<Output>;
}

/** What a procedure takes, such as `InputOf<PosthornClient["events"]["publish"]>`. */
export type InputOf<Procedure> =
  Procedure extends Query<infer Input, unknown>
    ? Input
    : Procedure extends Mutation<infer Input, unknown>
      ? Input
      : never;

/** What a procedure answers, such as `OutputOf<PosthornClient["endpoints"]["get"]>`. */
export type OutputOf<Procedure> =
  Procedure extends Query<never, infer Output>
    ? Output
    : Procedure extends Mutation<never, infer Output>
      ? Output
      : never;
