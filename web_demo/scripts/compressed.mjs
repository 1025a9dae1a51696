// node scripts/compressed.mjs    measure what a host saves that compresses the built site
//
// A visit loads one of the engine's builds; the threaded one is the usual.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const site = resolve(import.meta.dirname, "../dist/site");
if (!existsSync(site)) {
  console.error(`${site} is missing; run make web-build first`);
  process.exit(1);
}
const files = readdirSync(site, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(site.length + 1));
const groups = {
  page: files.filter((name) => /^[^/]*\.(html|js)$|^assets\/|\.svg$|\.webmanifest$/.test(name)),
  engine: files.filter((name) => /^engine\/litert_wasm_threaded_internal\./.test(name)),
  "model for photos": files.filter((name) => /^models\/photo\//.test(name)),
  "model for the camera": files.filter((name) => /^models\/live\//.test(name)),
};
const brotli = (quality) => (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
const coders = [(bytes) => bytes, (bytes) => gzipSync(bytes, { level: 6 }), brotli(5), brotli(11)];

console.log("| what | as it is | gzip 6 | brotli 5 | brotli 11 |\n| --- | --- | --- | --- | --- |");
for (const [name, members] of Object.entries(groups)) {
  const read = members.map((member) => readFileSync(join(site, member)));
  const sums = coders.map((coder) => read.reduce((sum, bytes) => sum + coder(bytes).length, 0) / 1e6);
  console.log(`| ${name} | ${sums.map((sum) => sum.toFixed(sum < 1 ? 3 : 2)).join(" | ")} |`);
}
