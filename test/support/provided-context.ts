/** What the global setup hands to test files. */
declare module "vitest" {
  export interface ProvidedContext {
    /** A server that every test file shares; each uses databases of its own. */
    mongodbUri: string;
    /** A server that every test file shares; each uses namespaces of its own. */
    temporalAddress: string;
  }
}

export {};
