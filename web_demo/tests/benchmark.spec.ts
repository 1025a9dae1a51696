import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import { browser } from "../app/benchmark/device.ts";
import { pace, sustain } from "../app/benchmark/rates.ts";
import { summary } from "../app/benchmark/statistics.ts";
import { expect, test } from "./page.ts";

const SCHEMA = resolve(import.meta.dirname, "../../runtime/pspm_runtime/bench.schema.json");
const BUNDLE = resolve(import.meta.dirname, "../models/live/manifest.json");

test("the benchmark's file validates against the schema of all apps", async ({ page }) => {
  test.setTimeout(480_000);
  await page.goto("./?rounds=1&paced=0.1#bench");
  await expect(page.locator("#engine-text")).toBeEmpty();
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.locator("#bench-status")).toHaveText("Done.", { timeout: 450_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as JSON" }).click()]);
  const result = JSON.parse(readFileSync(await download.path(), "utf8"));
  const validate = new Ajv2020({ strict: false, formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ } }).compile(
    JSON.parse(readFileSync(SCHEMA, "utf8")),
  );
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  expect(result.app).toBe("web");
  expect(result.model.sha256).toBe(JSON.parse(readFileSync(BUNDLE, "utf8")).sha256);
  const done = result.runs.filter((run: object) => "fps" in run);
  expect(done.map((run: { size: number[] }) => run.size[0])).toEqual(expect.arrayContaining([256, 512]));
  for (const effect of ["none", "colour", "blur"]) {
    expect(done.filter((run: { effect: string }) => run.effect === effect).length).toBe(done.length / 3);
  }
  for (const { stages_ms, fps, paced } of done) {
    expect(paced.frames + paced.dropped).toBe(3);
    expect(stages_ms.total).not.toHaveProperty("p99");
    expect(fps).toBeCloseTo(1000 / stages_ms.total.mean);
    const parts = stages_ms.pre.mean + stages_ms.inference.mean + stages_ms.post.mean;
    expect(parts).toBeCloseTo(stages_ms.total.mean, 3);
  }
  // A configuration that does not run is listed with the reason.
  for (const run of result.runs) if (!("fps" in run)) expect(run.refused.length).toBeGreaterThan(10);
  expect(await page.locator("#bench-rows tr").count()).toBe(result.runs.length);
  for (const run of done) {
    const { pre, inference, post } = run.stages_ms;
    const stages = [pre, inference, post].map(({ p50 }) => p50.toFixed(0)).join(" + ");
    console.log(`  ${run.delegate}, ${run.threads} thread(s), ${run.size.join(" x ")}, ${run.effect}: ${run.fps.toFixed(1)} frames per second; ${stages} ms`);
  }
});

test("percentiles are interpolated between ranks", () => {
  expect(summary([4])).toEqual({ mean: 4, p50: 4, p90: 4, p99: 4 });
  const { mean, p50, p90, p99 } = summary([5, 1, 4, 2, 3]);
  expect([mean, p50]).toEqual([3, 3]);
  expect(p90).toBeCloseTo(4.6);
  expect(p99).toBeCloseTo(4.96);
});

test("the browser's name is not the made-up brand", () => {
  const made = { brand: "Not:A-Brand", version: "8" };
  const chromium = { brand: "Chromium", version: "156" };
  expect(browser([made, chromium])).toBe("Chromium 156");
  expect(browser([chromium, { brand: "Google Chrome", version: "156" }, made])).toBe("Google Chrome 156");
  expect(browser([{ brand: "Not/A)Brand", version: "99" }])).toBe("unknown browser");
});

test("frames that come during another are dropped", async () => {
  for (const [took, shown] of [
    [10, 100],
    [150, 67],
    [250, 40],
  ] as const) {
    let now = 0;
    const one = async () => (now += took);
    const found = await pace(one, 10, 10, () => now, async (milliseconds) => (now += milliseconds));
    expect(found).toEqual({ fps: 10, seconds: 10, frames: shown, dropped: 100 - shown });
  }
});

test("a device that slows down shows it by tenths", async () => {
  let now = 0;
  const found = await sustain(async () => (now += now < 10_000 ? 50 : 100), 20, () => now);
  expect(found.fps_tenths.slice(0, 5).every((fps) => Math.abs(fps - 20) < 0.6)).toBe(true);
  expect(found.fps_tenths.slice(5).every((fps) => Math.abs(fps - 10) < 0.6)).toBe(true);
  expect([found.fps_first_tenth, found.fps_last_tenth]).toEqual([found.fps_tenths[0], found.fps_tenths[9]]);
});
