/** What may be written after `posthorn catalog`. */
import { Argument } from "commander";
import type { Command } from "commander";
import { CATALOGUE_NAMES } from "../../../api/catalogue/names.js";
import type { CatalogueName } from "../../../api/catalogue/names.js";

export function addCatalogCommand(program: Command): void {
  const catalog = program.command("catalog").description("event types of systems that Posthorn stands in for");
  catalog
    .command("load")
    .addArgument(new Argument("<name>", "which catalogue").choices(CATALOGUE_NAMES))
    .description("create its event types where they are missing")
    .option("--application <id>", "id or uid of the application that gets them", "default")
    .option("--replace", "also bring back what was changed or archived", false)
    .action(async (name: CatalogueName, options: { application: string; replace: boolean }) =>
      (await import("./load.js")).loadNamedCatalogue(name, options),
    );
  catalog
    .command("list")
    .description("the catalogues and how many event types each has")
    .action(async () => (await import("./load.js")).listCatalogues());
}
