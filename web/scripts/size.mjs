// Fails when the JavaScript that any page loads at first passes the limit, gzipped.
import { readFileSync, statSync } from "node:fs";

const LIMIT = 150_000;
const pages = new URL("../../src/watchroom/server/pages/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", pages), "utf8"));
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);

/** All modules that the named ones need before a page has drawn its charts. */
function needed(names) {
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const { imports = [], dynamicImports = [] } = manifest[name];
    const charts = dynamicImports.filter((each) => each.endsWith("charts/Plot.tsx"));
    for (const each of [...imports, ...charts]) visit(each);
  };
  names.forEach(visit);
  return [...seen].map((name) => manifest[name].file).filter((file) => file.endsWith(".js"));
}

const gzipped = (file) => statSync(new URL(`${file}.gz`, pages)).size;
let failed = false;
for (const page of Object.keys(manifest).filter((key) => /features\/\w+\/Page\.tsx$/.test(key))) {
  const loaded = needed([entry, page]);
  const total = loaded.reduce((sum, file) => sum + gzipped(file), 0);
  failed ||= total > LIMIT;
  console.log(
    `${page}: ${(total / 1000).toFixed(1)} kB of ${LIMIT / 1000} kB in ${loaded.length} files`,
  );
}
process.exitCode = failed ? 1 : 0;
