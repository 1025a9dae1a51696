import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { FILES, choose, expect, test } from "./page.ts";

const GREEN = [30, 110, 60];
// On the suit in every frame.
const PERSON = { x: 350, y: 306 };

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const args = [
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-video-capture=${resolve(FILES, "cam.y4m")}`,
    ];
    await use({ ...launchOptions, args: [...launchOptions.args!, ...args] });
  },
});

async function start(page: Page): Promise<void> {
  await page.goto("./#live");
  await page.getByRole("button", { name: "Start the camera" }).click();
  await expect(page.getByRole("button", { name: "Take a picture" })).toBeEnabled();
}

/** RGBA of the canvas at positions of the 640 x 480 picture. */
async function pixels(page: Page, places: readonly { x: number; y: number }[]): Promise<number[][]> {
  return await page.evaluate((at) => {
    const canvas = document.querySelector<HTMLCanvasElement>("#live-canvas")!;
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d")!;
    copy.drawImage(canvas, 0, 0);
    return at.map(({ x, y }) => [...copy.getImageData(x, y, 1, 1).data]);
  }, places);
}

/** A frame of a video of more than a second, decoded on an empty page: size, and RGBA near its upper left corner. */
async function frameOf(page: Page, video: Buffer): Promise<{ width: number; height: number; corner: number[] }> {
  const other = await page.context().newPage();
  const found = await other.evaluate(async (base64) => {
    const element = document.createElement("video");
    element.muted = true;
    element.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
    await new Promise((resolve, reject) => {
      element.onloadeddata = resolve;
      element.onerror = () => reject(new Error(element.error?.message ?? "the video cannot be played"));
      element.load();
    });
    // The first frames of a recording can be empty.
    await new Promise((resolve) => {
      element.onseeked = resolve;
      element.currentTime = 1;
    });
    const { videoWidth: width, videoHeight: height } = element;
    const copy = new OffscreenCanvas(width, height).getContext("2d")!;
    copy.drawImage(element, 0, 0);
    return { width, height, corner: [...copy.getImageData(10, 10, 1, 1).data] };
  }, video.toString("base64"));
  await other.close();
  return found;
}

test("the camera's background is replaced and the person stays", async ({ page }) => {
  await start(page);
  expect(await page.locator("#live-canvas").evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height])).toEqual([640, 480]);
  const [shown, asked] = [page.locator("#live-given"), page.getByRole("combobox", { name: "Camera" })];
  await expect(asked).toHaveValue("1280x720");
  await expect(shown).toHaveText("The camera gives 640 × 480");
  const box = (await page.locator("#live-canvas").boundingBox())!;
  expect(box.width / box.height).toBeCloseTo(640 / 480, 2);
  const corners = [10, 630].flatMap((x) => [10, 240].map((y) => ({ x, y })));
  await choose(page, "colour");
  await page.getByRole("radio", { name: "Sky blue" }).check({ force: true });
  const near = (found: number[], wanted: number[]) => wanted.every((value, i) => Math.abs(found[i]! - value) <= 2);
  await expect
    .poll(async () => (await pixels(page, corners)).every((pixel) => near(pixel, [0x20, 0xa0, 0xff, 255])))
    .toBe(true);
  const [suit] = await pixels(page, [PERSON]);
  // The suit stays orange.
  expect(suit![0]! - suit![2]!).toBeGreaterThan(40);

  await choose(page, "cutout");
  await expect.poll(async () => (await pixels(page, corners)).every((pixel) => pixel[3] === 0)).toBe(true);
  expect((await pixels(page, [PERSON]))[0]![3]).toBe(255);

  // A uniform background stays the same when blurred, up to video compression; no orange bleeds into it.
  await choose(page, "blur");
  await expect
    .poll(async () => {
      const found = await pixels(page, corners);
      return Math.max(...found.flatMap((pixel) => GREEN.map((value, i) => Math.abs(pixel[i]! - value))));
    })
    .toBeLessThan(16);

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Take a picture" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^pspm-.+\.jpg$/);
  await expect(page.locator("#live-readout")).toHaveText(/^[\d.]+ of [\d.]+ frames per second, \d+ dropped\nbefore the network [\d.]+, network [\d.]+, after it [\d.]+ ms$/);
  console.log(`  ${await page.locator("#live-readout").textContent()} (software graphics, shared cores)`);

  const record = page.getByRole("button", { name: "Record a video" });
  await record.click();
  await expect(record).toHaveAttribute("aria-pressed", "true");
  await page.waitForTimeout(2500);
  const [video] = await Promise.all([page.waitForEvent("download"), record.click()]);
  expect(video.suggestedFilename()).toMatch(/^pspm-.+\.(webm|mp4)$/);
  const frame = await frameOf(page, readFileSync(await video.path()));
  expect([frame.width, frame.height]).toEqual([640, 480]);
  for (const [i, value] of GREEN.entries()) expect(Math.abs(frame.corner[i]! - value)).toBeLessThan(24);
  await expect(record).toHaveAttribute("aria-pressed", "false");

  // Another resolution starts the camera again, and is remembered.
  await asked.selectOption("640 × 480");
  await expect(shown).toBeEmpty();
  await expect(page.getByRole("button", { name: "Take a picture" })).toBeEnabled();
  await expect(shown).toBeEmpty();
  await page.getByRole("button", { name: "Stop the camera" }).click();
  await expect(page.getByRole("button", { name: "Start the camera" })).toBeVisible();
  await page.reload();
  await expect(asked).toHaveValue("640x480");
});

test("an unplugged camera shows a message, lets the screen go dark, and can be started again", async ({ page }) => {
  await page.addInitScript(() => {
    const locks: WakeLockSentinel[] = [];
    const request = navigator.wakeLock.request.bind(navigator.wakeLock);
    navigator.wakeLock.request = async (kind) => {
      const lock = await request(kind);
      locks.push(lock);
      return lock;
    };
    Object.assign(window, { locks });
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      Object.assign(window, { track: stream.getVideoTracks()[0], wanted });
      return stream;
    };
  });
  const held = () =>
    page.evaluate(() => (window as unknown as { locks: WakeLockSentinel[] }).locks.filter(({ released }) => !released).length);
  await start(page);
  expect(await held()).toBe(1);
  await page.evaluate(() => {
    const { track } = window as unknown as { track: MediaStreamTrack };
    track.stop();
    // `stop` fires no event; unplugging fires this one.
    track.dispatchEvent(new Event("ended"));
  });
  await expect(page.locator("#message-text")).toHaveText(/^The camera stopped/);
  await expect.poll(held).toBe(0);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("button", { name: "Take a picture" })).toBeEnabled();
  expect(await held()).toBe(1);

  await page.getByRole("combobox", { name: "Camera" }).selectOption("1920 × 1080");
  const wanted = () =>
    page.evaluate(() => {
      const { width, height } = (window as unknown as { wanted: { video: MediaTrackConstraints } }).wanted.video;
      return [width, height];
    });
  await expect.poll(wanted).toEqual([{ ideal: 1920 }, { ideal: 1080 }]);
  await expect(page.getByRole("button", { name: "Take a picture" })).toBeEnabled();
});

test("on a phone, an upright picture fills the screen behind the controls", async ({ page }, info) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      const photo = await createImageBitmap(await (await fetch("./portrait.jpg")).blob());
      const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 640 });
      const context = canvas.getContext("2d")!;
      setInterval(() => context.drawImage(photo, -80, 0, 640, 640), 100);
      return canvas.captureStream(10);
    };
  });
  await start(page);
  const box = async (of: string) => (await page.locator(of).boundingBox())!;

  expect(await box("#live-canvas")).toEqual({ x: 0, y: 0, width: 390, height: 844 });
  await page.screenshot({ path: info.outputPath("live.png") });
  for (const part of ["header", "#controls", "nav"]) {
    const { y, height } = await box(part);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y + height).toBeLessThanOrEqual(844);
  }
  await page.getByRole("button", { name: "Stop the camera" }).click();
  expect((await box("#live-stage")).height).toBeLessThan(700);
  await page.getByRole("tab", { name: "Photo" }).click();
  expect((await box("#photo-stage")).height).toBeLessThan(700);
});
