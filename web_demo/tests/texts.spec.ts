import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { languageOf } from "../app/language.ts";
import { TEXTS } from "../app/texts.ts";
import { SAMPLE, choose, expect, openPhoto, test } from "./page.ts";

const APP = resolve(import.meta.dirname, "../app");

test("every text has both languages, with the same placeholders and tags", () => {
  const marks = (text: string) => (text.match(/\{\w+\}|<[^>]+>/g) ?? []).sort();
  for (const [name, { en, de }] of Object.entries(TEXTS)) {
    expect(en.trim(), name).not.toBe("");
    expect(de.trim(), name).not.toBe("");
    expect(marks(de), name).toEqual(marks(en));
  }
});

test("every text is used", () => {
  const sources = readdirSync(APP, { recursive: true, encoding: "utf8" }).filter((name) => /\.(ts|html)$/.test(name) && name !== "texts.ts");
  const code = sources.map((name) => readFileSync(resolve(APP, name), "utf8")).join("\n");
  expect(Object.keys(TEXTS).filter((name) => !code.includes(`"${name}"`))).toEqual([]);
});

test("the sentence that the page translates is one of the module's errors", () => {
  const source = readFileSync(resolve(APP, "../src/portrait_matting.ts"), "utf8");
  expect(source).toContain(`new PspmError("insecure", "${TEXTS.insecure.en}")`);
});

test("the first of the user's languages that the page has is taken, else English", () => {
  expect(languageOf(["de-AT", "en"])).toBe("de");
  expect(languageOf(["fr", "en-GB", "de"])).toBe("en");
  expect(languageOf(["fr", "DE"])).toBe("de");
  expect(languageOf(["fr"])).toBe("en");
  expect(languageOf([])).toBe("en");
});

test.describe("in a German browser", () => {
  test.use({ locale: "de-DE", viewport: { width: 360, height: 740 } });

  test("the page is German, and its words fit on a phone and beside the picture", async ({ page }, info) => {
    await page.goto("./");
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await expect(page).toHaveTitle(TEXTS.title.de);
    const wrong = await page.evaluate((texts) => {
      const found: string[] = [];
      for (const element of document.querySelectorAll("*")) {
        for (const { name, value } of element.attributes) {
          if (!/^data-text/.test(name)) continue;
          const attribute = name.replace(/^data-text-?/, "");
          const shown = attribute ? element.getAttribute(attribute) : element.innerHTML;
          if (shown !== texts[value as keyof typeof texts].de) found.push(`${value}: ${shown}`);
        }
      }
      return found;
    }, TEXTS);
    expect(wrong).toEqual([]);
    await expect(page.locator("#engine-text")).toHaveText(/^Läuft auf (einem Kern|\d+ Kernen)$/);

    await choose(page, "picture");
    await expect(page.getByRole("radio", { name: "Lichter bei Nacht" })).toBeAttached();
    await openPhoto(page, SAMPLE);
    await expect(page.getByRole("button", { name: "Sichern" })).toBeEnabled();
    // Phones have this one.
    await page.locator("#photo-share").evaluate((button: HTMLElement) => (button.hidden = false));
    for (const tab of ["Live", "Foto", "Messung"]) {
      await page.getByRole("tab", { name: tab }).click();
      for (const [width, height] of [[360, 740], [1280, 800]] as const) {
        await page.setViewportSize({ width, height });
        for (const part of await page.locator("button:visible, #effect span:visible, .choice:visible").all()) {
          const [text, over, right] = await part.evaluate((it) => [it.textContent, it.scrollWidth - it.clientWidth, it.getBoundingClientRect().right] as const);
          expect(over, text).toBeLessThanOrEqual(1);
          expect(right, text).toBeLessThanOrEqual(width);
        }
        await page.screenshot({ path: info.outputPath(`${tab}-${width}.png`) });
      }
    }
    await page.evaluate(() => document.dispatchEvent(new DragEvent("drop", { dataTransfer: new DataTransfer() })));
    await expect(page.locator("#message-text")).toHaveText(TEXTS.nothingDropped.de);
  });

  test("errors that the page knows are German, others stay as they are", async ({ page }) => {
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotFoundError"));
    });
    await page.goto("./#live");
    await page.getByRole("button", { name: "Kamera starten" }).click();
    await expect(page.locator("#message-text")).toHaveText(TEXTS.cameraMissing.de);
    await page.getByRole("tab", { name: "Foto" }).click();
    await openPhoto(page, { name: "leer.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(0) });
    await expect(page.locator("#message-text")).toHaveText(/^leer\.jpg is empty; /);
  });
});
