import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const FILES = ["swagger-ui.css", "swagger-ui-bundle.js"];

/** Puts Swagger UI beside the pages, so that the server's /docs needs no other host. */
export function apiDocs(): Plugin {
  return {
    name: "watchroom-api-docs",
    apply: "build",
    generateBundle() {
      const folder = dirname(
        createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"),
      );
      for (const file of FILES) {
        const source = readFileSync(join(folder, file));
        this.emitFile({ type: "asset", fileName: `docs/${file}`, source });
      }
    },
  };
}
