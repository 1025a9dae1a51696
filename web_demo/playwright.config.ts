import { resolve } from "node:path";
import { defineConfig } from "@playwright/test";

export const ISOLATED = 4183;
export const BARE = 4184;

const serve = (port: number, bare: string) => ({
  command: `npx vite preview --outDir ${resolve(import.meta.dirname, "dist")} --port ${port} --strictPort --host 127.0.0.1`,
  port,
  env: { PSPM_NO_ISOLATION: bare },
});

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  timeout: Number(process.env["PATIENCE"] ?? 120) * 2000,
  expect: { timeout: Number(process.env["PATIENCE"] ?? 120) * 1000 },
  // A page runs the network on every core, so tests in parallel would not be faster.
  workers: 1,
  reporter: "list",
  use: {
    baseURL: `http://127.0.0.1:${ISOLATED}/site/`,
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--ignore-gpu-blocklist",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  // The demo is in the folder site/, the module beside it in module/.
  webServer: [serve(ISOLATED, ""), serve(BARE, "1")],
});
