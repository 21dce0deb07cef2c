import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|svg|html|json)$/;

/** Writes name.gz beside each text file, so that the server never compresses a page. */
export function precompress(): Plugin {
  let folder = "";
  return {
    name: "watchroom-precompress",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (TEXT.test(name)) compress(join(folder, name));
      }
    },
  };
}

function compress(path: string): void {
  writeFileSync(
    `${path}.gz`,
    gzipSync(readFileSync(path), { level: constants.Z_BEST_COMPRESSION }),
  );
}
