// node scripts/gaps.mjs [MEGAPIXELS] [--most MS] [--tasks]    measure for how long the page does not react to a photo
//
// Opens a generated photo on the built site in chromium, changes the effect, and saves. While each runs, a message to the
// page itself goes round without end; the longest time between two of them is the longest time for which a key or a
// button would have waited. Work of other programs is in these times: the first row is the page doing nothing, the second
// a task of 300 ms, made here, that has to be found. --tasks also prints the longest tasks, with the functions of the page
// that took the time. --effects blur,cutout leaves out others. With --most, exits with 1 if a gap is longer.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { preview } from "vite";

const EFFECTS = ["cutout", "blur", "colour", "picture"];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { most: { type: "string" }, tasks: { type: "boolean" }, effects: { type: "string", default: EFFECTS.join() } },
});
const effects = values.effects.split(",").filter(Boolean);
const megapixels = Number(positionals[0] ?? 48);
const most = Number(values.most ?? Infinity);
if (!(megapixels > 0 && megapixels <= 100) || !(most > 0)) {
  console.error("MEGAPIXELS must be above 0 and at most 100, and --most above 0");
  process.exit(2);
}
if (!effects.every((effect) => EFFECTS.includes(effect))) {
  console.error(`--effects must be some of ${EFFECTS.join()}, with commas between them`);
  process.exit(2);
}
const KNOWN = 300;
const [width, height] = [4, 3].map((side) => Math.round(side * Math.sqrt((megapixels * 1e6) / 12)));

const demo = resolve(import.meta.dirname, "..");
const server = await preview({ root: demo, configFile: join(demo, "vite.config.ts"), preview: { port: 4187, host: "127.0.0.1" } });
const folder = mkdtempSync(join(tmpdir(), "gaps-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
});

/** The sample portrait, enlarged, with grain: written as a JPEG of the asked size. */
async function generate() {
  const page = await browser.newPage();
  await page.goto(server.resolvedUrls.local[0]);
  const base64 = await page.evaluate(
    async ([width, height]) => {
      const sample = await createImageBitmap(await (await fetch("./portrait.jpg")).blob());
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      const scale = Math.max(width / sample.width, height / sample.height);
      context.imageSmoothingQuality = "high";
      context.drawImage(sample, 0, 0, width / scale, height / scale, 0, 0, width, height);
      const grain = new ImageData(512, 512);
      for (let i = 0; i < grain.data.length; i++) grain.data[i] = i % 4 === 3 ? 12 : Math.random() * 255;
      const tile = await createImageBitmap(grain);
      for (let y = 0; y < height; y += 512) for (let x = 0; x < width; x += 512) context.drawImage(tile, x, y);
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
      const reader = new FileReader();
      await new Promise((resolve) => ((reader.onload = resolve), reader.readAsDataURL(blob)));
      return reader.result.slice(reader.result.indexOf(",") + 1);
    },
    [width, height],
  );
  await page.close();
  const path = join(folder, "photo.jpg");
  writeFileSync(path, Buffer.from(base64, "base64"));
  return path;
}

/** Runs in the page. */
function startProbe() {
  const { port1, port2 } = new MessageChannel();
  const probe = { longest: 0, last: performance.now(), tasks: [], gaps: [], since: performance.now() };
  port1.onmessage = () => {
    const now = performance.now();
    probe.longest = Math.max(probe.longest, now - probe.last);
    if (now - probe.last > 100) probe.gaps.push(`${Math.round(now - probe.last)} ms from ${Math.round(probe.last)}`);
    probe.last = now;
    // With a timer in between, the messages do not keep the page busy.
    setTimeout(() => port2.postMessage(null));
  };
  port2.postMessage(null);
  new PerformanceObserver((list) => probe.tasks.push(...list.getEntries())).observe({ type: "long-animation-frame" });
  Object.assign(window, { probe });
}

async function measure(page, name, act) {
  await page.evaluate(() => Object.assign(window.probe, { longest: 0, last: performance.now(), tasks: [], gaps: [], since: performance.now() }));
  const start = performance.now();
  await act();
  const seconds = (performance.now() - start) / 1000;
  await page.waitForTimeout(300);
  const found = await page.evaluate(() => ({
    longest: window.probe.longest,
    gaps: window.probe.gaps.slice(0, 10),
    tasks: window.probe.tasks
      .filter(({ startTime }) => startTime >= window.probe.since)
      .sort((a, b) => b.duration - a.duration)
      .slice(0, 4)
      .map(({ duration, blockingDuration, scripts }) => {
        const parts = scripts.map((one) => `${one.invoker} ${one.sourceFunctionName}@${one.sourceURL.split("/").pop()}:${one.sourceCharPosition} ${one.duration.toFixed(0)} ms`);
        return `${duration.toFixed(0)} ms (${blockingDuration.toFixed(0)} blocking): ${parts.join(", ") || "no script"}`;
      }),
  }));
  console.log(`| ${name} | ${seconds.toFixed(1)} | ${found.longest.toFixed(0)} |`);
  if (values.tasks) for (const line of [found.gaps.join(), ...found.tasks]) console.log(`    ${line}`);
  return found.longest;
}

let failed = false;
try {
  const photo = await generate();
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(server.resolvedUrls.local[0]);
  await page.waitForFunction(() => document.querySelector("#engine-text").textContent.startsWith("Runs on"));
  // The other model loads in the background first.
  await page.waitForFunction(() => document.documentElement.dataset.offline === "ready");
  await page.evaluate(startProbe);
  console.log(`${width} x ${height}, ${await page.locator("#engine-text").innerText()}`);
  console.log("| what | seconds | longest gap, ms |\n| --- | --- | --- |");
  await measure(page, "nothing", () => page.waitForTimeout(3000));
  const known = await measure(page, `a task of ${KNOWN} ms`, () =>
    page.evaluate((ms) => {
      const start = performance.now();
      while (performance.now() - start < ms);
    }, KNOWN),
  );
  if (known < KNOWN) throw new Error(`a task of ${KNOWN} ms was measured as ${known.toFixed(0)} ms`);
  const gaps = [];
  const choose = (effect) => page.locator(`input[name=effect][value=${effect}]`).check({ force: true });
  const save = () => Promise.all([page.waitForEvent("download"), page.locator("#photo-save").click()]);
  await choose("cutout");
  gaps.push(
    await measure(page, "open", async () => {
      await page.locator("#photo-file").setInputFiles(photo);
      await page.waitForFunction(() => !document.querySelector("#photo-save").disabled);
    }),
  );
  for (const effect of effects) {
    gaps.push(
      await measure(page, `show ${effect}`, async () => {
        await choose(effect);
        await page.waitForTimeout(1500);
      }),
    );
    gaps.push(await measure(page, `save ${effect}`, save));
  }
  const longest = Math.max(...gaps);
  console.log(`The longest gap is ${longest.toFixed(0)} ms.`);
  failed = longest > most;
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
if (failed) process.exitCode = 1;
