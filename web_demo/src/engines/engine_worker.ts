/** Worker that runs the network, so that the page stays responsive. */

import { fetchAsset } from "../files/assets.ts";
import type { EngineOptions } from "./engine.ts";
import { PspmError } from "../errors.ts";
import { LiteRTEngine } from "./litert.ts";
import type { Bundle } from "../bundle.ts";
import type { Size } from "../size.ts";
import type { Answer, Question } from "./remote_engine.ts";

let engine: LiteRTEngine | null = null;

onmessage = async ({ data }: MessageEvent<Question>) => {
  try {
    if (data.kind === "load") {
      await load(data.bundle, new URL(data.folder), data.options);
    } else {
      await run(data.id, data.rgba, data.size);
    }
  } catch (error) {
    const code = error instanceof PspmError ? error.code : "engine";
    const message = error instanceof Error ? error.message : String(error);
    answer({ kind: "failed", id: data.kind === "run" ? data.id : 0, code, message });
  }
};

async function load(bundle: Bundle, folder: URL, options: EngineOptions): Promise<void> {
  const loaded = { model: 0, wasm: 0 };
  const report = (part: keyof typeof loaded) => (bytes: number) => {
    loaded[part] = bytes;
    answer({ kind: "progress", loaded: loaded.model + loaded.wasm });
  };
  const bytes = await fetchAsset(new URL(bundle.model), { sha256: bundle.sha256, onBytes: report("model") });
  engine = await LiteRTEngine.load(new Uint8Array(bytes), bundle, folder, options, report("wasm"));
  answer({ kind: "ready", name: engine.name, delegate: engine.delegate, threads: engine.threads });
}

async function run(id: number, rgba: Uint8Array, size: Size): Promise<void> {
  const start = performance.now();
  if (!engine) throw new PspmError("engine", "The engine is not loaded; reload the page.");
  const alpha = await engine.run(rgba, size);
  answer({ kind: "alpha", id, alpha, milliseconds: performance.now() - start }, [alpha.buffer]);
}

function answer(message: Answer, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}
