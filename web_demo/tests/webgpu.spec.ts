import { readFileSync } from "node:fs";
import { SAMPLE, expect, test } from "./page.ts";

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const args = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
    await use({ ...launchOptions, args: [...launchOptions.args!, ...args] });
  },
});

test("WebGPU gives the same matte as wasm, and \"auto\" does not choose an emulated GPU", async ({ page }) => {
  await page.route("**/foreign.html", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
  await page.goto("/foreign.html");
  test.skip(!(await page.evaluate(async () => navigator.gpu?.requestAdapter())), "this chromium has no software WebGPU");
  const found = await page.evaluate(async (base64) => {
    const address = "/module/pspm-web.js";
    const { PortraitMatting } = (await import(address)) as typeof import("../src/index.ts");
    const photo = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]);
    const mattes: Uint8Array[] = [];
    const delegates: string[] = [];
    for (const delegate of ["auto", "webgpu"] as const) {
      const matting = await PortraitMatting.load({ bundle: "/site/models/live/", engine: "/site/engine/", delegate });
      delegates.push(matting.engine.delegate);
      mattes.push(await (await matting.matte(photo)).alpha());
      matting.close();
    }
    const [here, there] = mattes as [Uint8Array, Uint8Array];
    const mean = (matte: Uint8Array, of: (a: number, i: number) => number) =>
      matte.reduce((sum, a, i) => sum + of(a, i), 0) / matte.length / 255;
    return { delegates, share: mean(here, (a) => a), error: mean(here, (a, i) => Math.abs(a - there[i]!)) };
  }, readFileSync(SAMPLE).toString("base64"));
  console.log(`  mean difference of the alpha ${found.error.toExponential(1)}`);
  expect(found.delegates).toEqual(["wasm", "webgpu"]);
  expect(found.share).toBeGreaterThan(0.1);
  expect(found.error).toBeLessThan(5e-3);
});
