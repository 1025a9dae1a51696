import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Page, test as base, expect } from "@playwright/test";

export const FILES = resolve(import.meta.dirname, "../build");
export const SAMPLE = resolve(import.meta.dirname, "../../runtime/pspm_runtime/sample/astronaut.jpg");

/** A page that fails the test on any request to another host, any uncaught error, and a line of the engine's log that is no error but looks like one. */
export const test = base.extend<{ strict: void }>({
  strict: [
    async ({ page, baseURL }, use) => {
      const wrong: string[] = [];
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (url.hostname !== new URL(baseURL!).hostname && !["blob:", "data:"].includes(url.protocol)) wrong.push(url.href);
      });
      page.on("pageerror", (error) => wrong.push(error.message));
      page.on("console", (message) => message.type() === "error" && /^(INFO|WARNING): /.test(message.text()) && wrong.push(message.text()));
      await use();
      expect(wrong).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export async function openPhoto(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) {
  await page.locator("#photo-file").setInputFiles(file);
}

/** Open the page with the sample photo. */
export async function openSample(page: Page): Promise<void> {
  await page.goto("./");
  await openPhoto(page, SAMPLE);
  await expect(page.locator("#photo-save")).toBeEnabled();
}

export async function choose(page: Page, effect: "cutout" | "blur" | "colour" | "picture"): Promise<void> {
  await page.locator(`input[name=effect][value=${effect}]`).check({ force: true });
}

export async function saved(page: Page): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#photo-save").click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}
