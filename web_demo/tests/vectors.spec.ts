import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "vite";
import { FILES, expect, test } from "./page.ts";

// Largest mean error of a stage, from docs/vectors.md.
const ALLOWED = 1e-3;

test("every stage gives the Python runtime's result", async ({ page }) => {
  const [bundle] = (await build({
    configFile: false,
    publicDir: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2022",
      lib: { entry: resolve(import.meta.dirname, "stages.ts"), formats: ["es"], fileName: "stages" },
    },
  })) as unknown as { output: { code: string }[] }[];
  await page.route("**/foreign.html", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
  await page.route("**/stages.js", (route) => route.fulfill({ contentType: "text/javascript", body: bundle!.output[0]!.code }));
  await page.route("**/vectors/*", (route) => route.fulfill({ path: resolve(FILES, "vectors", route.request().url().split("/").at(-1)!) }));
  await page.goto("/foreign.html");
  await page.addScriptTag({ type: "module", url: "/stages.js" });
  await page.waitForFunction(() => "compare" in window);
  const { cases } = JSON.parse(readFileSync(resolve(FILES, "vectors/vectors.json"), "utf8"));
  const found = await page.evaluate(
    (given) => (window as unknown as { compare(cases: unknown): Promise<{ name: string; error: number }[]> }).compare(given),
    cases,
  );
  console.log(found.map(({ name, error }) => `  ${name}: ${error.toExponential(1)}`).join("\n"));
  expect(new Set(found.map(({ name }) => name.split(" ")[0])).size).toBe(10);
  for (const { name, error } of found) {
    expect.soft(error, name).toBeLessThanOrEqual(ALLOWED);
  }
});
