/**
 * How long the parts of a request may take, in ms, where nothing else is said. In one place, for they hold only
 * together: a name server has two tries within what all questions have, and that is less than a connection has.
 */
export const TIME_LIMITS = {
  /** Proxy, name server, TCP and TLS together; shorter than the usual deadline, so that people see what was slow. */
  connect: 5_000,
  /** For all questions about a name. */
  names: 4_000,
  /** The first try of one question; the second waits twice as long. */
  nameQuery: 1_000,
  /** The body of an answer, after its headers. */
  body: 2_000,
  /** How long an idle connection is kept at most: a receiver may ask for more, but holds our sockets no longer. */
  idle: 15_000,
} as const;

/** How often one question is put to a name server. */
export const NAME_QUERY_TRIES = 2;
