import { expect, test } from "./page.ts";

const CASES = [
  ["NotAllowedError", /^Camera access was denied/],
  ["NotFoundError", /^No camera was found/],
  ["NotReadableError", /^Another program is using the camera/],
] as const;

test("without a camera, chromium's error shows a message", async ({ page }) => {
  await page.goto("./#live");
  await page.getByRole("button", { name: "Start the camera" }).click();
  await expect(page.locator("#message-text")).toHaveText(/^(No camera was found|Camera access was denied)/);
  await expect(page.getByRole("button", { name: "Start the camera" })).toBeEnabled();
});

for (const [name, message] of CASES) {
  test(`${name} shows its message`, async ({ page }) => {
    await page.addInitScript((error) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", error));
    }, name);
    await page.goto("./#live");
    await page.getByRole("button", { name: "Start the camera" }).click();
    await expect(page.locator("#message-text")).toHaveText(message);
    await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  });
}
