import { type CompiledModel, Tensor, loadAndCompile, loadLiteRt, supportsFeature } from "@litertjs/core";
import { dependencies } from "../../package.json";
import { fetchAsset } from "../files/assets.ts";
import { type Delegate, type Engine, type EngineOptions, normalise } from "./engine.ts";
import { PspmError } from "../errors.ts";
import type { Bundle } from "../bundle.ts";
import type { Size } from "../size.ts";

const VERSION = dependencies["@litertjs/core"];
const MOST_THREADS = 4;
/** Largest mean difference of alpha between WebGPU and wasm. */
const PROBE_TOLERANCE = 0.01;

/** Global that the wasm build's loader reads. */
declare const self: { Module?: { wasmBinary: ArrayBuffer; mainScriptUrlOrBlob: string; printErr: (line: string) => void } };

/** A model in LiteRT.js. LiteRT.js has one wasm module per worker, so a worker has one engine. */
export class LiteRTEngine implements Engine {
  readonly name = `LiteRT.js ${VERSION}`;
  readonly delegate: Delegate;
  readonly threads: number;
  readonly #model: CompiledModel;
  readonly #bundle: Bundle;

  constructor(model: CompiledModel, bundle: Bundle, delegate: Delegate, threads: number) {
    this.#model = model;
    this.#bundle = bundle;
    this.delegate = delegate;
    this.threads = threads;
  }

  /** folder: of the wasm files. Throws PspmError if the model does not run on the chosen delegate, or on any. */
  static async load(
    bytes: Uint8Array,
    bundle: Bundle,
    folder: URL,
    options: EngineOptions,
    onBytes: (loaded: number) => void,
  ): Promise<LiteRTEngine> {
    if (options.delegate === "webgpu" && !(await hasWebGpu())) {
      throw new PspmError("engine", "WebGPU is not available in this browser; choose wasm.");
    }
    const threads = await loadRuntime(folder, options, onBytes);
    const wasm = options.delegate === "webgpu" ? null : await compile(bytes, bundle, "wasm", threads);
    const gpu = (await wantsGpu(options.delegate)) ? await compileForGpu(bytes, bundle) : null;
    if (!wasm) {
      if (gpu) return gpu;
      throw new PspmError("engine", "The model does not run on this device's WebGPU; choose wasm.");
    }
    if (gpu && (await gpuIsCorrectAndFaster(gpu, wasm))) {
      wasm.close();
      return gpu;
    }
    gpu?.close();
    return wasm;
  }

  async run(rgba: Uint8Array, { width, height }: Size): Promise<Float32Array<ArrayBuffer>> {
    const wanted = this.#model.getInputDetails()[0]!.shape;
    if (wanted[1] !== height || wanted[2] !== width) {
      throw new PspmError("engine", `The model takes ${wanted[2]}x${wanted[1]} pixels, not ${width}x${height}; export it again.`);
    }
    const image = new Tensor(normalise(rgba, this.#bundle), [1, height, width, 3]);
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
  bundle: Bundle,
  delegate: Delegate,
  threads: number,
): Promise<LiteRTEngine> {
  let model: CompiledModel;
  try {
    model = await loadAndCompile(bytes, { accelerator: delegate, cpuOptions: { numThreads: threads } });
  } catch (error) {
    throw new PspmError("engine", `This browser cannot run the model (${String(error)}); update the browser.`);
  }
  const [input, ...more] = model.getInputDetails();
  const output = model.getOutputDetails()[0];
  if (more.length || input?.shape.length !== 4 || input.shape[3] !== 3 || output?.shape[3] !== 1) {
    model.delete();
    throw new PspmError("engine", "The model is not a matting network (one RGB image in, alpha out); export one.");
  }
  if (delegate === "webgpu" && !model.isFullyAccelerated) {
    model.delete();
    throw new PspmError("engine", "This device's WebGPU runs only part of the model; choose wasm.");
  }
  return new LiteRTEngine(model, bundle, delegate, threads);
}

async function compileForGpu(bytes: Uint8Array, bundle: Bundle): Promise<LiteRTEngine | null> {
  try {
    return await compile(bytes, bundle, "webgpu", 1);
  } catch {
    return null;
  }
}

/** Load the wasm build that the browser supports. Returns the number of threads it can use. */
async function loadRuntime(folder: URL, options: EngineOptions, onBytes: (loaded: number) => void): Promise<number> {
  const simd = await supportsFeature("relaxedSimd");
  const isolated = globalThis.crossOriginIsolated === true;
  const wished = options.threads ?? (isSafari() ? 1 : Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1));
  const threads = simd && isolated ? Math.max(1, wished) : 1;
  const build = `litert_wasm_${simd ? (threads > 1 ? "threaded_" : "") : "compat_"}internal`;
  const script = await fetchAsset(new URL(`${build}.js?${VERSION}`, folder));
  const wasm = await fetchAsset(new URL(`${build}.wasm?${VERSION}`, folder), { onBytes });
  // Run the script from the cached bytes. LiteRT.js expects an address that ends in .js.
  const address = `${URL.createObjectURL(new Blob([script], { type: "text/javascript" }))}#.js`;
  self.Module = { wasmBinary: wasm, mainScriptUrlOrBlob: address, printErr: reportError };
  await loadLiteRt(address);
  return threads;
}

/** LiteRT writes all of its log as errors, also what only informs or warns. */
function reportError(line: string): void {
  if (line.startsWith("WARNING: ")) console.warn(line);
  else if (!line.startsWith("INFO: ")) console.error(line);
}

/** WebKit has open reports of crashes in large wasm modules with threads, so it gets one thread. */
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

/** Whether to try the GPU: if it was requested, or in "auto" if it is not emulated by the CPU. */
async function wantsGpu(delegate: EngineOptions["delegate"]): Promise<boolean> {
  if (delegate !== "auto") return delegate === "webgpu";
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    return Boolean(adapter && !adapter.info.isFallbackAdapter);
  } catch {
    return false;
  }
}

/** Run both on a generated picture: the mattes must agree, and the GPU's second run, after set-up, must be faster. */
async function gpuIsCorrectAndFaster(gpu: LiteRTEngine, wasm: LiteRTEngine): Promise<boolean> {
  const size = wasm.size;
  const probe = new Uint8Array(size.width * size.height * 4);
  for (let i = 0; i < probe.length; i++) probe[i] = 128 + 100 * Math.sin(i / 37) * Math.cos(i / size.width / 90);
  try {
    const [there, here] = [await gpu.run(probe, size), await wasm.run(probe, size)];
    const error = there.reduce((sum, a, i) => sum + Math.abs(a - here[i]!), 0) / there.length;
    // Also rejects NaN.
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
