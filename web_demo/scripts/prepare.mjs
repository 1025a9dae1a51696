// node scripts/prepare.mjs    copy engine, models and pictures into public/
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const demo = resolve(import.meta.dirname, "..");
const site = resolve(demo, "public");
const builds = ["internal", "compat_internal", "threaded_internal"];

rmSync(resolve(site, "engine"), { recursive: true, force: true });
mkdirSync(resolve(site, "engine"), { recursive: true });
for (const build of builds) {
  for (const suffix of ["js", "wasm"]) {
    const file = `litert_wasm_${build}.${suffix}`;
    cpSync(resolve(demo, "node_modules/@litertjs/core/wasm", file), resolve(site, "engine", file));
  }
}
writeFileSync(
  resolve(site, "engine/NOTICE.txt"),
  "LiteRT.js, Copyright Google LLC, Apache License 2.0: https://github.com/google-ai-edge/LiteRT\n",
);
for (const use of ["photo", "live"]) {
  const bundle = resolve(demo, "models", use);
  if (!existsSync(resolve(bundle, "manifest.json"))) {
    console.error(`${bundle} is missing; run make web-build, which exports it`);
    process.exit(1);
  }
  cpSync(bundle, resolve(site, "models", use), { recursive: true });
}
cpSync(resolve(demo, "../runtime/pspm_runtime/sample/astronaut.jpg"), resolve(site, "sample.jpg"));
cpSync(resolve(demo, "../examples/portrait.jpg"), resolve(site, "portrait.jpg"));
cpSync(resolve(demo, "../examples/hubble.jpg"), resolve(site, "galaxies.jpg"));
