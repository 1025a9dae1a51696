import { FILES, choose, expect, openPhoto, saved, test } from "./page.ts";

interface Dragged {
  types: readonly string[];
  download: string;
  /** Of the files in the drag, and of what is at the download's address. */
  hashes: string[];
  width: number;
  height: number;
}

test("the result is dragged out of the page as the file that is saved, and is no new photo here", async ({ page }) => {
  await page.goto("./");
  await choose(page, "cutout");
  await openPhoto(page, `${FILES}/middle.jpg`);
  await expect(page.locator("#photo-save")).toBeEnabled();
  const file = await saved(page);
  await page.keyboard.press("+");
  const transform = () => page.locator("#photo-canvas").evaluate((canvas) => canvas.style.transform);
  const zoomed = await transform();

  await page.evaluate(() => {
    const hash = async (bytes: ArrayBuffer) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].join();
    const read = async (data: DataTransfer): Promise<Dragged> => {
      const [types, download] = [[...data.types], data.getData("DownloadURL")];
      // The drag's data can be read during the event only.
      const files = [...data.items].flatMap((item) => item.getAsFile() ?? []);
      const address = download.slice(download.indexOf("blob:"));
      const { width, height } = await createImageBitmap(files[0]!);
      const parts = [...files.map((one) => one.arrayBuffer()), fetch(address).then((answer) => answer.arrayBuffer())];
      return { types, download, hashes: await Promise.all(parts.map(async (part) => hash(await part))), width, height };
    };
    const seen: { dragged?: Promise<Dragged>; dropEffects: Set<string>; drops: number; wanted?: string } = { dropEffects: new Set(), drops: 0 };
    document.addEventListener("dragstart", ({ dataTransfer }) => (seen.dragged = read(dataTransfer!)));
    document.addEventListener("dragover", ({ dataTransfer }) => seen.dropEffects.add(dataTransfer!.dropEffect));
    document.addEventListener("drop", () => seen.drops++);
    Object.assign(window, { seen, hash });
  });
  const handle = page.locator("#photo-drag");
  const { x, y, width, height } = (await handle.boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  await expect(handle).toHaveClass(/ready/);
  await page.mouse.down();
  await page.mouse.move(x - 100, y - 100, { steps: 4 });
  await expect(page.locator("#photo-stage")).not.toHaveClass(/drop/);
  await page.mouse.up();

  const { dragged, dropEffects, drops, hash } = await page.evaluate(async (base64) => {
    const { seen, hash } = window as unknown as {
      seen: { dragged: Promise<Dragged>; dropEffects: Set<string>; drops: number };
      hash: (bytes: ArrayBuffer) => Promise<string>;
    };
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return { dragged: await seen.dragged, dropEffects: [...seen.dropEffects], drops: seen.drops, hash: await hash(bytes.buffer) };
  }, file.bytes.toString("base64"));
  const address = dragged.download.slice(dragged.download.indexOf("blob:"));
  expect(dragged.download).toBe(`image/png:${file.name}:${address}`);
  expect(dragged.types).toEqual(expect.arrayContaining(["Files", "downloadurl", "text/uri-list"]));
  expect(dragged.hashes).toEqual([hash, hash]);
  expect(`${dragged.width} × ${dragged.height}`).toBe(await page.locator("#photo-readout").textContent());

  expect([dropEffects, drops]).toEqual([["none"], 0]);
  await expect(page.locator("#photo-stage")).toHaveAttribute("aria-busy", "false");
  await expect(page.locator("#message")).toBeHidden();
  expect(await transform()).toBe(zoomed);

  // Another effect is another file; the old one is given up after a minute, which is shortened here.
  await page.evaluate(() => {
    const wait = window.setTimeout;
    window.setTimeout = ((job: () => void, time = 0) => wait(job, time / 100)) as typeof setTimeout;
  });
  await choose(page, "blur");
  await expect(handle).not.toHaveClass(/ready/);
  const lives = () => page.evaluate((at) => fetch(at).then(() => true, () => false), address);
  await expect.poll(lives).toBe(false);
  await page.mouse.move(0, 0);
  await handle.hover();
  await expect(handle).toHaveClass(/ready/);
  // A photo that is dropped afterwards is opened.
  await page.evaluate(() => document.dispatchEvent(new DragEvent("drop", { dataTransfer: new DataTransfer() })));
  await expect(page.locator("#message-text")).toHaveText(/^No file was dropped/);
});
