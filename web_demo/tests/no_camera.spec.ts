import { expect, test } from "./page.ts";

const CASES = [
  ["NotAllowedError", /^The camera was refused/],
  ["NotFoundError", /^There is no camera/],
  ["NotReadableError", /^The camera is in use/],
] as const;

test("without any camera, chromium's own answer is told", async ({ page }) => {
  await page.goto("./#live");
  await page.getByRole("button", { name: "Start the camera" }).click();
  await expect(page.locator("#message-text")).toHaveText(/^(There is no camera|The camera was refused)/);
  await expect(page.getByRole("button", { name: "Start the camera" })).toBeEnabled();
});

for (const [name, sentence] of CASES) {
  test(`${name} gets its sentence`, async ({ page }) => {
    await page.addInitScript((error) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", error));
    }, name);
    await page.goto("./#live");
    await page.getByRole("button", { name: "Start the camera" }).click();
    await expect(page.locator("#message-text")).toHaveText(sentence);
    await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  });
}
