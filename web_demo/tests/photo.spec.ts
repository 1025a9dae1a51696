import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { FILES, SAMPLE, choose, expect, openPhoto, openSample, saved, test } from "./page.ts";
import { type Pixels, decodePng, meanError } from "./png.ts";

const PICTURES = {
  sample: SAMPLE,
  middle: resolve(FILES, "middle.jpg"),
  large: resolve(FILES, "large.jpg"),
  small: resolve(FILES, "small.jpg"),
  turned: resolve(FILES, "turned.jpg"),
};

function reference(name: string): Pixels {
  return decodePng(readFileSync(resolve(FILES, name)));
}

/** Decode with the browser, which is exact for opaque pictures. */
async function decode(page: Page, file: Buffer): Promise<Pixels> {
  const encoded = await page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = "";
    for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
    return { width: bitmap.width, height: bitmap.height, bytes: btoa(text) };
  }, file.toString("base64"));
  return { ...encoded, channels: 4, bytes: Buffer.from(encoded.bytes, "base64") };
}

for (const [name, file] of Object.entries(PICTURES)) {
  test(`the cut-out of the ${name} photo equals the Python runtime's`, async ({ page }) => {
    await page.goto("./");
    await choose(page, "cutout");
    await openPhoto(page, file);
    await expect(page.locator("#photo-save")).toBeEnabled();
    const ours = decodePng((await saved(page)).bytes);
    const theirs = reference(`${name}-cutout.png`);
    expect([ours.width, ours.height, ours.channels]).toEqual([theirs.width, theirs.height, 4]);
    const alpha = meanError(ours, theirs, 3);
    const visible = (i: number) => theirs.bytes[4 * i + 3]! > 0;
    const colours = [0, 1, 2].map((channel) => meanError(ours, theirs, channel, visible));
    const far = colours.map((error) => error.toExponential(1)).join(", ");
    console.log(`  ${name}: mean error of the alpha ${alpha.toExponential(1)}, of the colours ${far}`);
    expect(alpha).toBeLessThanOrEqual(5e-3);
    expect(Math.max(...colours)).toBeLessThanOrEqual(5e-3);
  });
}

test("with the quality best, somebody small is cut out as the Python runtime does it", async ({ page }) => {
  await page.goto("./");
  await page.getByLabel("Quality").selectOption("best");
  await choose(page, "cutout");
  await openPhoto(page, PICTURES.small);
  await expect(page.locator("#photo-save")).toBeEnabled();
  const ours = decodePng((await saved(page)).bytes);
  const theirs = reference("small-best-cutout.png");
  const share = (picture: Pixels) => picture.bytes.filter((_, i) => i % 4 === 3).reduce((sum, a) => sum + a, 0) / 255 / (picture.bytes.length / 4);
  const [error, person] = [meanError(ours, theirs, 3), share(theirs)];
  console.log(`  mean error of the alpha ${error.toExponential(1)}, of ${person.toExponential(1)} that is the person`);
  expect(person).toBeGreaterThan(5e-3);
  expect(error).toBeLessThanOrEqual(0.02 * person);
});

test("another quality looks at the photo again, and can be cancelled", async ({ page }) => {
  await page.goto("./");
  const quality = page.getByLabel("Quality");
  await expect(quality).toHaveValue("balanced");
  await quality.selectOption("fast");
  await choose(page, "cutout");
  await openPhoto(page, PICTURES.turned);
  await expect(page.locator("#photo-save")).toBeEnabled();
  const once = (await saved(page)).bytes;
  await quality.selectOption("best");
  await expect(page.locator("#photo-looks")).toHaveText(/look/i);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator("#photo-stage")).toHaveAttribute("aria-busy", "false");
  await expect(page.locator("#message")).toBeHidden();
  await expect(quality).toHaveValue("fast");
  expect((await saved(page)).bytes.equals(once)).toBe(true);
  await quality.selectOption("balanced");
  await expect(page.locator("#photo-stage")).toHaveAttribute("aria-busy", "false");
  expect((await saved(page)).bytes.equals(once)).toBe(false);
});

test("blur and colour equal the Python runtime's", async ({ page }) => {
  await page.goto("./");
  await openPhoto(page, PICTURES.middle);
  await expect(page.locator("#photo-save")).toBeEnabled();
  for (const effect of ["blur", "colour"] as const) {
    await choose(page, effect);
    const { name, bytes } = await saved(page);
    expect(name).toBe(`middle-${effect}.jpg`);
    const ours = await decode(page, bytes);
    const theirs = reference(`middle-${effect}.png`);
    expect([ours.width, ours.height]).toEqual([theirs.width, theirs.height]);
    const errors = [0, 1, 2].map((channel) => meanError(ours, theirs, channel));
    console.log(`  ${effect}: mean error of the colours ${errors.map((error) => error.toExponential(1)).join(", ")}`);
    // This includes JPEG's loss, on a photo with realistic grain.
    expect(Math.max(...errors)).toBeLessThanOrEqual(1e-2);
  }
});

test("the sample photo opens, beside the original behind a divider", async ({ page }) => {
  await page.goto("./");
  await page.getByRole("button", { name: "Try a sample photo" }).click();
  await expect(page.locator("#photo-readout")).toHaveText("1000 × 1000");
  const stage = page.locator("#photo-stage");
  const { x, y, width, height } = (await stage.boundingBox())!;
  const half = (left: boolean) =>
    page.screenshot({ clip: { x: x + (left ? 0 : width / 2 + 30), y: y + 40, width: width / 2 - 30, height: height - 80 } });
  const before = [await half(true), await half(false)];
  const compare = page.getByRole("button", { name: "Compare" });
  await compare.click();
  await expect(compare).toHaveAttribute("aria-pressed", "true");
  expect((await half(true)).equals(before[0]!)).toBe(false);
  expect((await half(false)).equals(before[1]!)).toBe(true);

  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width - 22, y + height / 2);
  await page.mouse.up();
  expect((await half(false)).equals(before[1]!)).toBe(false);

  await compare.click();
  expect((await half(true)).equals(before[0]!)).toBe(true);
});

test("the photo is zoomed by wheel, keys and fingers, and stays on its stage", async ({ page }) => {
  await page.goto("./");
  await openPhoto(page, SAMPLE);
  await expect(page.locator("#photo-readout")).toHaveText("512 × 512");
  const canvas = page.locator("#photo-canvas");
  const scale = () => canvas.evaluate((it) => new DOMMatrix(getComputedStyle(it).transform).a);
  const place = () => canvas.evaluate((it) => new DOMMatrix(getComputedStyle(it).transform).e);
  const { x, y, width, height } = (await page.locator("#photo-stage").boundingBox())!;

  // The pattern that stands for transparency ends where the photo ends.
  await choose(page, "cutout");
  const colours = async (left: number) => {
    const shot = await decode(page, await page.screenshot({ clip: { x: left, y: y + height / 2, width: 60, height: 60 } }));
    return new Set(Array.from({ length: 3600 }, (_, i) => shot.bytes.subarray(4 * i, 4 * i + 3).join())).size;
  };
  const photo = (await canvas.boundingBox())!;
  expect(photo.width).toBeCloseTo(photo.height, 0);
  expect(await colours(photo.x - 80)).toBe(1);
  expect(await colours(photo.x + 10)).toBeGreaterThan(1);

  await page.mouse.move(x + width * 0.75, y + height / 2);
  await page.mouse.wheel(0, -600);
  await expect.poll(scale).toBeGreaterThan(2);
  // What was under the pointer still is: the middle of the photo went to the left.
  expect(Math.abs((await place()) + (width / 4) * ((await scale()) - 1))).toBeLessThan(3);
  await page.mouse.down();
  await page.mouse.move(x + width * 5, y + height / 2);
  await page.mouse.up();
  expect(Math.abs((await place()) - (width / 2) * ((await scale()) - 1))).toBeLessThan(1);

  await page.keyboard.press("0");
  await expect.poll(scale).toBe(1);
  expect(await place()).toBe(0);
  await page.keyboard.press("+");
  await expect.poll(scale).toBeCloseTo(1.5);
  await page.mouse.dblclick(x + width / 2, y + height / 2);
  await expect.poll(scale).toBe(1);
  await page.mouse.wheel(0, 5000);
  expect(await scale()).toBe(1);

  await page.evaluate(() => {
    const stage = document.querySelector("#photo-stage")!;
    stage.setPointerCapture = () => undefined;
    const { left, top, width, height } = stage.getBoundingClientRect();
    const touch = (kind: string, id: number, dx: number) =>
      stage.dispatchEvent(new PointerEvent(kind, { pointerId: id, clientX: left + width / 2 + dx, clientY: top + height / 2 }));
    touch("pointerdown", 1, -50);
    touch("pointerdown", 2, 50);
    touch("pointermove", 1, -100);
    touch("pointermove", 2, 100);
  });
  expect(await scale()).toBeCloseTo(2);
});

test("a photo can be pasted and dropped", async ({ page }) => {
  await page.goto("./");
  const sample = readFileSync(SAMPLE).toString("base64");
  for (const kind of ["paste", "drop"]) {
    await page.evaluate(
      ([type, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], `${type}ed.jpg`, { type: "image/jpeg" }));
        const event =
          type === "paste" ? new ClipboardEvent(type, { clipboardData: data }) : new DragEvent(type, { dataTransfer: data });
        document.dispatchEvent(event);
      },
      [kind, sample] as const,
    );
    await expect(page.locator("#photo-stage")).toHaveAttribute("aria-busy", "true");
    await expect(page.locator("#photo-stage")).toHaveAttribute("aria-busy", "false");
    await choose(page, "cutout");
    expect((await saved(page)).name).toBe(`${kind}ed-cutout.png`);
  }
});

test("broken, empty and huge photos and a text file show a message, and the page keeps working", async ({ page }) => {
  await openSample(page);
  const jpeg = readFileSync(SAMPLE);
  const huge = Buffer.alloc(60);
  huge.write("\x89PNG\r\n\x1a\n", "latin1");
  huge.writeUInt32BE(30_000, 16);
  huge.writeUInt32BE(20_000, 20);
  const cases = [
    ["broken.jpg", jpeg.subarray(0, 300), /^broken\.jpg is damaged or in a format/],
    ["empty.jpg", Buffer.alloc(0), /^empty\.jpg is empty/],
    ["huge.png", huge, /^huge\.png has 600 megapixels, and the limit is 100/],
    ["letter.txt", Buffer.from("Dear photographer"), /^letter\.txt is damaged or in a format/],
  ] as const;
  for (const [name, buffer, message] of cases) {
    await openPhoto(page, { name, mimeType: "image/jpeg", buffer: Buffer.from(buffer) });
    await expect(page.locator("#message-text")).toHaveText(message);
    await page.getByRole("button", { name: "Close the message" }).click();
  }
  await choose(page, "cutout");
  expect((await saved(page)).name).toBe("astronaut-cutout.png");
});

test("saving shows its progress and leaves the page responsive", async ({ page }) => {
  await page.goto("./");
  await choose(page, "cutout");
  await openPhoto(page, PICTURES.large);
  await expect(page.locator("#photo-save")).toBeEnabled();
  await page.evaluate(() => {
    const seen = { tasks: 0, longest: 0, progress: new Set<number>() };
    Object.assign(window, { seen });
    let last = performance.now();
    const port = new MessageChannel();
    const tick = () => {
      const now = performance.now();
      seen.tasks++;
      seen.longest = Math.max(seen.longest, now - last);
      last = now;
      seen.progress.add(document.querySelector<HTMLProgressElement>("#photo-progress")!.value);
      setTimeout(() => port.port2.postMessage(null));
    };
    port.port1.onmessage = tick;
    tick();
  });
  const { bytes } = await saved(page);
  const found = await page.evaluate(() => {
    const { seen } = window as unknown as { seen: { tasks: number; longest: number; progress: Set<number> } };
    return { ...seen, progress: seen.progress.size };
  });
  const { width, height } = decodePng(bytes);
  const size = `${((width * height) / 1e6).toFixed(1)} megapixels`;
  console.log(`  ${size}: other tasks ran ${found.tasks} times, at most ${found.longest.toFixed(0)} ms apart (software graphics, shared cores)`);
  // A strip has a quarter of a megapixel.
  const strips = Math.floor((width * height) / (1 << 18));
  expect(found.tasks).toBeGreaterThan(strips);
  expect(found.progress).toBeGreaterThan(strips / 4);
});

test("saving can be cancelled, and saves the next photo", async ({ page }) => {
  await page.goto("./");
  await choose(page, "cutout");
  await openPhoto(page, PICTURES.large);
  await expect(page.locator("#photo-save")).toBeEnabled();
  let downloads = 0;
  page.on("download", () => downloads++);
  await page.locator("#photo-save").click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator("#photo-stage")).toHaveAttribute("aria-busy", "false");
  await expect(page.locator("#message")).toBeHidden();
  expect(downloads).toBe(0);
  await openPhoto(page, SAMPLE);
  await expect(page.locator("#photo-readout")).toHaveText("512 × 512");
  expect((await saved(page)).name).toBe("astronaut-cutout.png");
});

test("the result can be copied as a PNG", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openSample(page);
  await choose(page, "colour");
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.locator("#photo-readout")).toHaveText("Copied");
  const copied = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const bitmap = await createImageBitmap(await item!.getType("image/png"));
    return { types: item!.types, width: bitmap.width, height: bitmap.height };
  });
  expect(copied).toEqual({ types: ["image/png"], width: 512, height: 512 });
});

test("the arrow keys pass your own picture without opening a dialogue", async ({ page }) => {
  let dialogues = 0;
  page.on("filechooser", () => dialogues++);
  await openSample(page);
  await choose(page, "picture");
  await page.locator("input[name=picture][value='0']").focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
  expect(dialogues).toBe(0);
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Choose your own picture" }).click(),
  ]);
  await chooser.setFiles(PICTURES.middle);
  const own = page.getByRole("radio", { name: "Your own picture" });
  await expect(own).toBeChecked();
  // The thumbnail stays in its circle.
  const circle = (await page.locator("#pictures label .own").boundingBox())!;
  const thumbnail = (await page.locator("#pictures label .own canvas").boundingBox())!;
  expect(thumbnail.width).toBeLessThanOrEqual(circle.width);
  expect(thumbnail.y + thumbnail.height).toBeLessThanOrEqual(circle.y + circle.height);
});
