/** What the catalogues are called; apart from them, so that asking for help builds none. */
export const CATALOGUE_NAMES = ["open-wearables", "metriport"] as const;

export type CatalogueName = (typeof CATALOGUE_NAMES)[number];
