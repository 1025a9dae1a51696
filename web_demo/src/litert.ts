import { type CompiledModel, Tensor, loadAndCompile, loadLiteRt, supportsFeature } from "@litertjs/core";
import { dependencies } from "../package.json";
import { fetchAsset } from "./assets.ts";
import { type Delegate, type Engine, type EngineOptions, normalise } from "./engine.ts";
import { PspmError } from "./errors.ts";
import type { Manifest, Size } from "./manifest.ts";

const VERSION = dependencies["@litertjs/core"];
const MOST_THREADS = 4;
const PROBE_TOLERANCE = 0.01;

/** What the wasm build's loader looks for in the worker's global scope. */
declare const self: { Module?: { wasmBinary: ArrayBuffer; mainScriptUrlOrBlob: string } };

/** One model in LiteRT.js, which keeps one wasm module for a worker: so one engine for a worker, too. */
export class LiteRTEngine implements Engine {
  readonly name = `LiteRT.js ${VERSION}`;
  readonly delegate: Delegate;
  readonly threads: number;
  readonly #model: CompiledModel;
  readonly #manifest: Manifest;

  constructor(model: CompiledModel, manifest: Manifest, delegate: Delegate, threads: number) {
    this.#model = model;
    this.#manifest = manifest;
    this.delegate = delegate;
    this.threads = threads;
  }

  /**
   * folder: of the wasm files. Throws PspmError where neither WebGPU nor wasm runs the model, or not the one asked for.
   */
  static async load(
    bytes: Uint8Array,
    manifest: Manifest,
    folder: URL,
    options: EngineOptions,
    onBytes: (loaded: number) => void,
  ): Promise<LiteRTEngine> {
    if (options.delegate === "webgpu" && !(await hasWebGpu())) {
      throw new PspmError("engine", "This browser has no WebGPU here; choose wasm.");
    }
    const threads = await loadRuntime(folder, options, onBytes);
    const wasm = options.delegate === "webgpu" ? null : await compile(bytes, manifest, "wasm", threads);
    const gpu = (await wantsGpu(options.delegate)) ? await compileForGpu(bytes, manifest) : null;
    if (!wasm && !gpu) throw new PspmError("engine", "This device's WebGPU does not run the model; choose wasm.");
    if (!wasm) return gpu!;
    if (gpu && (await gpuIsRightAndSooner(gpu, wasm))) {
      wasm.close();
      return gpu;
    }
    gpu?.close();
    return wasm;
  }

  async run(rgba: Uint8Array, { width, height }: Size): Promise<Float32Array<ArrayBuffer>> {
    const wanted = this.#model.getInputDetails()[0]!.shape;
    if (wanted[1] !== height || wanted[2] !== width) {
      throw new PspmError("engine", `The model takes ${wanted[2]}x${wanted[1]} pixels, not ${width}x${height}.`);
    }
    const image = new Tensor(normalise(rgba, this.#manifest), [1, height, width, 3]);
    try {
      const outputs = await this.#model.run(image);
      const alpha = new Float32Array((await outputs[0]!.data()) as Float32Array);
      for (const output of outputs) output.delete();
      return alpha.map((a) => Math.min(Math.max(a, 0), 1));
    } finally {
      image.delete();
    }
  }

  close(): void {
    this.#model.delete();
  }

  get size(): Size {
    const shape = this.#model.getInputDetails()[0]!.shape;
    return { width: shape[2]!, height: shape[1]! };
  }
}

async function compile(
  bytes: Uint8Array,
  manifest: Manifest,
  delegate: Delegate,
  threads: number,
): Promise<LiteRTEngine> {
  let model: CompiledModel;
  try {
    model = await loadAndCompile(bytes, { accelerator: delegate, cpuOptions: { numThreads: threads } });
  } catch (error) {
    throw new PspmError("engine", `This browser does not run the model (${String(error)}); update the browser.`);
  }
  const [input, ...more] = model.getInputDetails();
  const output = model.getOutputDetails()[0];
  if (more.length || input?.shape.length !== 4 || input.shape[3] !== 3 || output?.shape[3] !== 1) {
    model.delete();
    throw new PspmError("engine", "The model does not turn a picture into a matte; export a matting network.");
  }
  if (delegate === "webgpu" && !model.isFullyAccelerated) {
    model.delete();
    throw new PspmError("engine", "This device's WebGPU runs only a part of the model.");
  }
  return new LiteRTEngine(model, manifest, delegate, threads);
}

async function compileForGpu(bytes: Uint8Array, manifest: Manifest): Promise<LiteRTEngine | null> {
  try {
    return await compile(bytes, manifest, "webgpu", 1);
  } catch {
    return null;
  }
}

/** Load the wasm build that fits the browser; returns the number of threads that it can use. */
async function loadRuntime(folder: URL, options: EngineOptions, onBytes: (loaded: number) => void): Promise<number> {
  const simd = await supportsFeature("relaxedSimd");
  const isolated = globalThis.crossOriginIsolated === true;
  const wished = options.threads ?? (isSafari() ? 1 : Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1));
  const threads = simd && isolated ? Math.max(1, wished) : 1;
  const build = `litert_wasm_${simd ? (threads > 1 ? "threaded_" : "") : "compat_"}internal`;
  const script = await fetchAsset(new URL(`${build}.js?${VERSION}`, folder));
  const wasm = await fetchAsset(new URL(`${build}.wasm?${VERSION}`, folder), { onBytes });
  // The script came through the cache, so it is run from there, too. LiteRT.js knows a script by the end of its address.
  const address = `${URL.createObjectURL(new Blob([script], { type: "text/javascript" }))}#.js`;
  self.Module = { wasmBinary: wasm, mainScriptUrlOrBlob: address };
  await loadLiteRt(address);
  return threads;
}

/** Large wasm modules with threads have open reports of crashes in WebKit; one thread is the safe choice there. */
function isSafari(): boolean {
  return /Safari\//.test(navigator.userAgent) && !/Chrom(e|ium)\//.test(navigator.userAgent);
}

async function hasWebGpu(): Promise<boolean> {
  try {
    return Boolean(await navigator.gpu?.requestAdapter());
  } catch {
    return false;
  }
}

/** Whether to try the GPU: where it is asked for, and left to itself where it is not one that the processor plays. */
async function wantsGpu(delegate: EngineOptions["delegate"]): Promise<boolean> {
  if (delegate !== "auto") return delegate === "webgpu";
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    return Boolean(adapter && !adapter.info.isFallbackAdapter);
  } catch {
    return false;
  }
}

/** One picture through both: the mattes must agree, and the second run on the GPU, without set-up, must be shorter. */
async function gpuIsRightAndSooner(gpu: LiteRTEngine, wasm: LiteRTEngine): Promise<boolean> {
  const size = wasm.size;
  const probe = new Uint8Array(size.width * size.height * 4);
  for (let i = 0; i < probe.length; i++) probe[i] = 128 + 100 * Math.sin(i / 37) * Math.cos(i / size.width / 90);
  try {
    const [there, here] = [await gpu.run(probe, size), await wasm.run(probe, size)];
    const error = there.reduce((sum, a, i) => sum + Math.abs(a - here[i]!), 0) / there.length;
    // Written so that NaN is wrong.
    if (!(error <= PROBE_TOLERANCE)) return false;
    const times = [];
    for (const engine of [gpu, wasm]) {
      const start = performance.now();
      await engine.run(probe, size);
      times.push(performance.now() - start);
    }
    return times[0]! < times[1]!;
  } catch {
    return false;
  }
}
