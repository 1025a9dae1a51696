import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Plugin, defineConfig } from "vite";
import { TEXTS, type TextName } from "./app/texts.ts";

// Headers that threads need. Without them, the network runs on one thread.
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const here = import.meta.dirname;
const version = /^version = "(.+)"$/m.exec(readFileSync(resolve(here, "../pyproject.toml"), "utf8"))![1]!;

export default defineConfig(({ mode }) => ({
  base: "./",
  appType: "mpa" as const,
  define: {
    __PSPM_VERSION__: JSON.stringify(version),
    __WASM_BYTES__: statSync(resolve(here, "node_modules/@litertjs/core/wasm/litert_wasm_internal.wasm")).size,
  },
  ...(mode === "module" ? library() : page()),
}));

function page() {
  return {
    root: resolve(here, "app"),
    publicDir: resolve(here, "public"),
    build: { target: "es2022", outDir: resolve(here, "dist/site"), emptyOutDir: true, modulePreload: false },
    preview: { headers: process.env["PSPM_NO_ISOLATION"] ? {} : ISOLATION },
    plugins: [englishTexts(), serviceWorker()],
  };
}

function library() {
  return {
    publicDir: false as const,
    build: {
      target: "es2022",
      outDir: resolve(here, "dist/module"),
      emptyOutDir: true,
      lib: { entry: resolve(here, "src/index.ts"), formats: ["es" as const], fileName: "pspm-web" },
    },
  };
}

/** Write the English texts into index.html, where elements name them. */
function englishTexts(): Plugin {
  const textOf = (name: string) => {
    if (!(name in TEXTS)) throw new Error(`index.html has the text ${name}, which app/texts.ts lacks`);
    return TEXTS[name as TextName].en;
  };
  return {
    name: "pspm-english-texts",
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html
          .replace(/ data-text="(\w+)"[^>]*>/g, (tag, name: string) => tag + textOf(name))
          .replace(/ data-text-([\w-]+)="(\w+)"/g, (key, attribute: string, name: string) => `${key} ${attribute}="${textOf(name)}"`),
    },
  };
}

/** Write sw.js with a list of the page's files and a version that changes with any of them. */
function serviceWorker(): Plugin {
  return {
    name: "pspm-service-worker",
    generateBundle(_, bundle) {
      const files = Object.values(bundle).map((file) => file.fileName);
      const hash = createHash("sha256");
      for (const file of Object.values(bundle)) hash.update(file.type === "chunk" ? file.code : file.source);
      const kept = ["manifest.webmanifest", "icons/icon.svg", "icons/icon-192.png", "icons/icon-512.png", "sample.jpg", "portrait.jpg", "galaxies.jpg"];
      const source = readFileSync(resolve(here, "app/service_worker.js"), "utf8")
        .replace("__VERSION__", hash.digest("hex").slice(0, 16))
        .replace("__FILES__", JSON.stringify(["./", ...files.filter((file) => !file.endsWith(".html")), ...kept]));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}
