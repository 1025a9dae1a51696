import { type Progress, fetchAsset, fetchFresh } from "./assets.ts";
import { CameraMatting } from "./camera_matting.ts";
import type { Delegate, EngineOptions } from "./engine.ts";
import { PspmError } from "./errors.ts";
import { Gpu } from "./gpu.ts";
import { type Manifest, fit, readManifest } from "./manifest.ts";
import { Matte } from "./matte.ts";
import { MAX_MEGAPIXELS, type PhotoInput, openPhoto } from "./photo.ts";
import { RemoteEngine } from "./remote_engine.ts";
import { FINE, QUICK, Stage } from "./stage.ts";

// The longest side of a photo on the GPU: 64 MB at most. Larger photos are shown by a smaller copy and their results
// are made piece by piece.
const LARGEST_ON_GPU = 4096;

export interface LoadOptions extends Partial<EngineOptions> {
  /** Folder of the bundle, with manifest.json. */
  bundle: string | URL;
  /** Folder of LiteRT.js's wasm files. */
  engine: string | URL;
  /** Where `show` and camera frames are drawn; left out: a canvas that is never seen. */
  canvas?: HTMLCanvasElement | OffscreenCanvas;
  onProgress?: Progress;
}

/** A loaded model: photo or camera in, matte and results out. Nothing leaves the device. */
export class PortraitMatting {
  readonly manifest: Manifest;
  readonly canvas: HTMLCanvasElement | OffscreenCanvas;
  readonly #engine: RemoteEngine;
  readonly #gpu: Gpu;

  private constructor(manifest: Manifest, engine: RemoteEngine, gpu: Gpu) {
    this.manifest = manifest;
    this.#engine = engine;
    this.#gpu = gpu;
    this.canvas = gpu.canvas;
  }

  /**
   * Load a bundle and the engine, from the network at the first time and from the browser's cache later.
   *
   * Throws PspmError with one sentence where the page is not served over HTTPS (or from localhost), something cannot
   * be loaded, the model's file is damaged, or the browser lacks WebGL 2 or WebAssembly SIMD.
   */
  static async load(options: LoadOptions): Promise<PortraitMatting> {
    if (!globalThis.isSecureContext) {
      throw new PspmError("insecure", "Browsers allow this on https:// pages and on localhost alone; open it there.");
    }
    const gpu = new Gpu(options.canvas ?? new OffscreenCanvas(1, 1));
    const here = globalThis.document?.baseURI ?? location.href;
    const { manifest, model } = await openBundle(asFolder(options.bundle, here));
    const total = manifest.bytes + __WASM_BYTES__;
    const engine = await RemoteEngine.load(
      manifest,
      model,
      asFolder(options.engine, here),
      { delegate: options.delegate ?? "auto", threads: options.threads ?? null },
      (loaded) => options.onProgress?.(Math.min(loaded, total), total),
    );
    options.onProgress?.(total, total);
    return new PortraitMatting(manifest, engine, gpu);
  }

  /** Bring a bundle into the browser's cache, so that `load` finds it there without a network. */
  static async prefetch(bundle: string | URL): Promise<void> {
    const { manifest, model } = await openBundle(asFolder(bundle, globalThis.document?.baseURI ?? location.href));
    await fetchAsset(model, { sha256: manifest.sha256 });
  }

  /** Name and version of what runs the network, where it runs, and on how many threads. */
  get engine(): { name: string; delegate: Delegate; threads: number } {
    const { name, delegate, threads } = this.#engine;
    return { name, delegate, threads };
  }

  /** The GPU that draws, as far as the browser tells. */
  get graphics(): string {
    return this.#gpu.device;
  }

  /** The matte of a photo. Throws PspmError for what cannot be read or is too large. */
  async matte(photo: PhotoInput, options: { maxMegapixels?: number } = {}): Promise<Matte> {
    const bitmap = await openPhoto(photo, options.maxMegapixels ?? MAX_MEGAPIXELS);
    const stage = new Stage(this.#gpu, FINE);
    try {
      const largest = Math.min(LARGEST_ON_GPU, this.#gpu.largest);
      const scale = Math.min(1, largest / Math.max(bitmap.width, bitmap.height));
      const shown = { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) };
      if (scale < 1) {
        const options = { resizeWidth: shown.width, resizeHeight: shown.height, resizeQuality: "high" } as const;
        const smaller = await createImageBitmap(bitmap, { ...options, premultiplyAlpha: "none" });
        stage.setPhoto(smaller, shown, bitmap, true);
        smaller.close();
      } else {
        stage.setPhoto(bitmap, shown, bitmap, true);
      }
      const size = fit(this.manifest.size, bitmap.width, bitmap.height);
      const alpha = await this.#engine.run(stage.view(size), size);
      stage.setAlpha(alpha, size, false);
      const share = alpha.reduce((sum, a) => sum + a, 0) / alpha.length;
      return new Matte(bitmap, stage, scale === 1, share);
    } catch (error) {
      bitmap.close();
      stage.close();
      throw error;
    }
  }

  /** For a camera: frame after frame, calm over time. */
  camera(): CameraMatting {
    return new CameraMatting(this.#engine, this.manifest, new Stage(this.#gpu, QUICK));
  }

  close(): void {
    this.#engine.close();
    this.#gpu.close();
  }
}

async function openBundle(folder: URL): Promise<{ manifest: Manifest; model: URL }> {
  const manifest = await fetchFresh(new URL("manifest.json", folder), readManifest);
  const model = new URL(manifest.file, folder);
  // The model's address holds its hash, so that a new model is never mistaken for an old one in a cache.
  model.searchParams.set("sha256", manifest.sha256);
  return { manifest, model };
}

function asFolder(path: string | URL, base: string): URL {
  const url = new URL(path, base);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
