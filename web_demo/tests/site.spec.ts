import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { BARE } from "../playwright.config.ts";
import { SAMPLE, choose, expect, openPhoto, openSample, saved, test } from "./page.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

test("after the first visit, the photo and camera models load offline", async ({ page, context }) => {
  await page.goto("./");
  await expect(page.locator("html")).toHaveAttribute("data-offline", "ready");
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await context.setOffline(true);
  const failed: string[] = [];
  page.on("requestfailed", (request) => failed.push(request.url()));
  await page.reload();
  await openPhoto(page, SAMPLE);
  await expect(page.locator("#photo-save")).toBeEnabled();
  await choose(page, "cutout");
  expect((await saved(page)).bytes.length).toBeGreaterThan(10_000);
  await page.getByRole("tab", { name: "Live" }).click();
  await expect(page.locator("#engine-text")).toHaveText(/^Runs on/);
  // The manifests are requested in case there is a newer model. No other request may fail.
  expect(failed.filter((url) => !url.endsWith("manifest.json"))).toEqual([]);
});

test("the second visit loads no model and no engine", async ({ page }) => {
  await page.goto("./");
  await expect(page.locator("html")).toHaveAttribute("data-offline", "ready");
  const large: string[] = [];
  page.on("request", (request) => /\.(wasm|tflite)/.test(request.url()) && large.push(request.url()));
  await page.reload();
  await expect(page.locator("#engine-text")).toHaveText(/^Runs on/);
  expect(large).toEqual([]);
});

test.describe("faulty downloads", () => {
  // Playwright cannot intercept the requests of a service worker.
  test.use({ serviceWorkers: "block" });

  test("a damaged model shows a message and is not cached, and an intact one loads afterwards", async ({ page }) => {
    await page.route(/model\.tflite/, async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[body.length >> 1]! ^= 1;
      await route.fulfill({ response, body });
    });
    await page.goto("./");
    await expect(page.locator("#message-text")).toHaveText(/^The model \(photo\/model\.tflite\) is damaged/);
    await expect(page.locator("#engine-text")).toHaveText("Not loaded");
    await page.unroute(/model\.tflite/);
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.locator("#engine-text")).toHaveText(/^Runs on/);
  });

  test("an invalid manifest and a missing one show a message", async ({ page }) => {
    await page.route(/photo\/manifest\.json/, (route) => route.fulfill({ body: "{}" }));
    await page.goto("./");
    await expect(page.locator("#message-text")).toHaveText(/^The model's manifest lacks a valid "input"/);
    await page.unroute(/photo\/manifest\.json/);
    await page.route(/photo\/manifest\.json/, (route) => route.fulfill({ status: 404 }));
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.locator("#message-text")).toHaveText(/photo\/manifest\.json is missing on this site \(404\)/);
  });
});

test("the page is isolated with the headers, and works on one thread without them", async ({ page }) => {
  await page.goto("./");
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await page.goto(`http://127.0.0.1:${BARE}/site/`);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  await openPhoto(page, SAMPLE);
  await expect(page.locator("#photo-save")).toBeEnabled();
  await expect(page.locator("#engine-text")).toHaveText("Runs on one core");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds no violations, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openSample(page);
    await page.evaluate(readFileSync(AXE, "utf8"));
    for (const show of ["live", "photo", "bench", "about"]) {
      if (show === "about") await page.getByRole("button", { name: "About this page" }).click();
      else await page.locator(`#tab-${show}`).click();
      for (const effect of ["cutout", "blur", "colour", "picture"] as const) {
        if (show !== "photo" && effect !== "blur") continue;
        if (show === "photo") await choose(page, effect);
        const found = await page.evaluate(async () => {
          const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
          return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
        });
        expect(found, `${show} ${effect}`).toEqual([]);
      }
    }
  });
}

test("the page works by keyboard alone", async ({ page }) => {
  // Playwright must listen for the file dialogue before a key opens it.
  page.on("filechooser", () => undefined);
  await page.goto("./");
  await page.locator("#tab-photo").focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("tab", { name: "Live" })).toBeFocused();
  await expect(page.locator("#live")).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("#bench")).toBeVisible();
  await page.keyboard.press("ArrowLeft");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("o")]);
  await chooser.setFiles(SAMPLE);
  await expect(page.locator("#photo-save")).toBeEnabled();
  await page.keyboard.press("1");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("s")]);
  expect(download.suggestedFilename()).toBe("astronaut-cutout.png");
});

test("on a phone: transfer size, time to the first matte, no layout shift, large enough buttons", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.addInitScript(() => {
    Object.assign(window, { shift: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) (window as unknown as { shift: number }).shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  const sizes = new Map<string, number>();
  page.on("response", async (response) => {
    const url = new URL(response.url());
    if (url.protocol === "http:" && response.ok()) sizes.set(url.pathname, (await response.body().catch(() => Buffer.alloc(0))).length);
  });
  const start = Date.now();
  await page.goto("./");
  await page.getByRole("button", { name: "Try a sample photo" }).click();
  await expect(page.locator("#photo-save")).toBeEnabled();
  const first = (Date.now() - start) / 1000;
  await expect(page.locator("html")).toHaveAttribute("data-offline", "ready");
  const sum = (pattern: RegExp) => [...sizes].filter(([path]) => pattern.test(path)).reduce((total, [, size]) => total + size, 0) / 1e6;
  const page_ = sum(/^(?!.*\.(wasm|tflite)|.*engine\/).*$/);
  console.log(`  page ${page_.toFixed(2)} MB, engine ${sum(/engine\//).toFixed(1)} MB, models ${sum(/tflite/).toFixed(1)} MB, uncompressed`);
  console.log(`  first matte after ${first.toFixed(1)} s on this machine`);
  expect(page_).toBeLessThan(0.5);
  expect(sum(/./)).toBeLessThan(25);
  expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.01);
  // Nothing overflows the screen, and buttons are large enough for a thumb.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  for (const button of await page.locator("button:visible").all()) {
    const box = (await button.boundingBox())!;
    expect(Math.min(box.width, box.height), await button.innerText()).toBeGreaterThanOrEqual(44);
  }
});

test("the page can be installed", async ({ page, request, baseURL }) => {
  await page.goto("./");
  const link = await page.locator("link[rel=manifest]").getAttribute("href");
  const url = new URL(link!, baseURL);
  const manifest = await (await request.get(url.href)).json();
  expect(manifest.display).toBe("standalone");
  for (const icon of manifest.icons) {
    const response = await request.get(new URL(icon.src, url).href);
    expect(response.ok(), icon.src).toBe(true);
    if (icon.type === "image/png") {
      const png = await response.body();
      expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(icon.sizes);
    }
  }
});

test("the module works in another page", async ({ page }) => {
  await page.route("**/foreign.html", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Foreign</title>" }));
  await page.goto(`http://127.0.0.1:${BARE}/foreign.html`);
  const sample = readFileSync(SAMPLE).toString("base64");
  const found = await page.evaluate(async (base64) => {
    const address = "/module/pspm-web.js";
    const { PortraitMatting, PspmError } = (await import(address)) as typeof import("../src/index.ts");
    const matting = await PortraitMatting.load({ bundle: "/site/models/photo/", engine: "/site/engine/", delegate: "wasm" });
    const photo = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]);
    const matte = await matting.matte(photo);
    const alpha = await matte.alpha();
    const file = await matte.file({ kind: "cutout" });
    const refused = await matting.matte(new Blob(["no photo"])).catch((error: unknown) => error instanceof PspmError && error.code);
    const colour = await matte.file({ kind: "colour", colour: "blue" }).catch((error: Error) => error.message);
    const answer = { length: alpha.length, middle: alpha[512 * 250 + 250], corner: alpha[0], type: file.type, refused, colour };
    matte.close();
    matting.close();
    return answer;
  }, sample);
  expect(found).toEqual({
    length: 512 * 512,
    middle: 255,
    corner: 0,
    type: "image/png",
    refused: "photo",
    colour: "blue is not a colour; write it as #rrggbb, for example #20a0ff",
  });
});

test("the module's four calls give the results of a kept matte", async ({ page }) => {
  await page.route("**/foreign.html", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Foreign</title>" }));
  await page.goto(`http://127.0.0.1:${BARE}/foreign.html`);
  const sample = readFileSync(SAMPLE).toString("base64");
  const found = await page.evaluate(async (base64) => {
    const address = "/module/pspm-web.js";
    const { PortraitMatting } = (await import(address)) as typeof import("../src/index.ts");
    const matting = await PortraitMatting.load({ bundle: "/site/models/photo/", engine: "/site/engine/", delegate: "wasm" });
    const photo = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]);
    const picture = new OffscreenCanvas(64, 48);
    picture.getContext("2d")!.fillRect(0, 0, 32, 48);
    const matte = await matting.matte(photo);
    const kept = [
      await matte.file({ kind: "cutout" }),
      await matte.file({ kind: "colour", colour: "#20a0ff" }),
      await matte.file({ kind: "picture", picture }),
      await matte.file({ kind: "blur", strength: 0.5 }),
    ];
    const calls = [
      await matting.cutOut(photo),
      await matting.replaceBackground(photo, "#20a0ff"),
      await matting.replaceBackground(photo, picture),
      await matting.blurBackground(photo),
    ];
    const bytes = async (file: Blob) => String(new Uint8Array(await file.arrayBuffer()));
    const equal = await Promise.all(kept.map(async (file, i) => (await bytes(file)) === (await bytes(calls[i]!))));
    const { width, height, data } = await matting.predictAlpha(photo);
    const alphaIsEqual = String(data) === String(await matte.alpha());
    matte.close();
    matting.close();
    return { types: calls.map(({ type }) => type), equal, width, height, alphaIsEqual };
  }, sample);
  expect(found).toEqual({
    types: ["image/png", "image/jpeg", "image/jpeg", "image/jpeg"],
    equal: [true, true, true, true],
    width: 512,
    height: 512,
    alphaIsEqual: true,
  });
});
