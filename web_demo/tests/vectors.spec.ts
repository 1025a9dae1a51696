import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "vite";
import { FILES, expect, test } from "./page.ts";
import type { Comparison } from "./stages.ts";

/** What the specification in vectors.json says of a stage. */
interface Limits {
  range: number;
  web: { mean: number; largest: number } | { excused: string };
}

test("every stage that the browser is not excused from gives the Python runtime's result", async ({ page }) => {
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
  const { cases, stages } = JSON.parse(readFileSync(resolve(FILES, "vectors/vectors.json"), "utf8")) as {
    cases: unknown;
    stages: Record<string, Limits>;
  };
  const ranges = Object.fromEntries(Object.entries(stages).map(([stage, { range }]) => [stage, range]));
  const found = await page.evaluate(
    ([given, widths]) => (window as unknown as { compare(...all: unknown[]): Promise<Comparison[]> }).compare(given, widths),
    [cases, ranges],
  );
  writeFileSync(resolve(FILES, "errors.json"), JSON.stringify(worst(found), null, 1));
  for (const { stage, name, mean, largest } of found) {
    console.log(`  ${stage} ${name}: mean ${mean.toExponential(1)}, largest ${largest.toExponential(1)}`);
    const { web } = stages[stage]!;
    if ("excused" in web) throw new Error(`${stage} runs, but stages.toml excuses the browser from it`);
    expect.soft(mean, `mean error of ${stage} ${name}`).toBeLessThanOrEqual(web.mean);
    expect.soft(largest, `largest error of ${stage} ${name}`).toBeLessThanOrEqual(web.largest);
  }
  const expected = Object.keys(stages).filter((stage) => !("excused" in stages[stage]!.web));
  expect([...new Set(found.map(({ stage }) => stage))].sort()).toEqual(expected.sort());
});

/** The largest errors of each stage's cases. */
function worst(found: Comparison[]): Record<string, { mean: number; largest: number }> {
  const errors: Record<string, { mean: number; largest: number }> = {};
  for (const { stage, mean, largest } of found) {
    const before = errors[stage] ?? { mean: 0, largest: 0 };
    errors[stage] = { mean: Math.max(before.mean, mean), largest: Math.max(before.largest, largest) };
  }
  return errors;
}
