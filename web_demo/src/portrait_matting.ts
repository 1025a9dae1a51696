import { type Bundle, openBundle } from "./bundle.ts";
import { CameraMatting } from "./camera_matting.ts";
import type { BackgroundPicture, Effect } from "./effect.ts";
import type { Delegate, EngineOptions } from "./engines/engine.ts";
import { RemoteEngine } from "./engines/remote_engine.ts";
import { PspmError } from "./errors.ts";
import { type Progress, fetchAsset } from "./files/assets.ts";
import { type PhotoInput, photoSource } from "./files/photo.ts";
import { Gpu, type Texture } from "./gpu.ts";
import { DEFAULT_QUALITY, type Quality } from "./looks/quality.ts";
import { Matte } from "./matte.ts";
import { mattedPhoto } from "./photo/photo_results.ts";
import { RemotePhotos, type Run } from "./photo/remote_photos.ts";
import { BackgroundTexture } from "./stages/compose/background_texture.ts";

// Photos with more megapixels are refused. The Python runtime accepts 200.
const MAX_MEGAPIXELS = 100;

export interface LoadOptions extends Partial<EngineOptions> {
  /** Folder of the bundle, with manifest.json. */
  bundle: string | URL;
  /** Folder of LiteRT.js's wasm files. */
  engine: string | URL;
  /** Where `show` and camera frames are drawn. Default: a canvas that is not on the page. */
  canvas?: HTMLCanvasElement | OffscreenCanvas;
  onProgress?: Progress;
}

export interface PhotoOptions {
  /** Larger photos are refused. Default: 100. */
  maxMegapixels?: number;
  /**
   * How much time the matte may take. "fast" looks at the photo once, and closer at a few small people. "balanced", the
   * default, also finds out which way up the photo is, looks for people who were missed, and looks at hair again from
   * nearer. "best" does so for every person, with mirror images, and follows all colours at the edges.
   */
  quality?: Quality;
  /** Called after each run of the network with how many there were. How many there will be is not known. */
  onLook?: (runs: number) => void;
  /** Stops the search; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Alpha from 0 to 255, row by row, at the photo's resolution. */
export interface Alpha {
  width: number;
  height: number;
  data: Uint8Array;
}

/** A loaded model. Nothing leaves the device. */
export class PortraitMatting {
  readonly bundle: Bundle;
  readonly canvas: HTMLCanvasElement | OffscreenCanvas;
  readonly #engine: RemoteEngine;
  readonly #gpu: Gpu;
  readonly #background: BackgroundTexture;
  #photos: RemotePhotos | null = null;

  private constructor(bundle: Bundle, engine: RemoteEngine, gpu: Gpu) {
    this.bundle = bundle;
    this.canvas = gpu.canvas;
    this.#engine = engine;
    this.#gpu = gpu;
    this.#background = new BackgroundTexture(gpu);
  }

  /**
   * Load a bundle and the engine. The first time they come from the network, later from the browser's cache.
   *
   * Throws PspmError if the page is not served over HTTPS or from localhost, a file cannot be loaded, the model file is
   * damaged, or the browser lacks WebGL 2 or WebAssembly SIMD.
   */
  static async load(options: LoadOptions): Promise<PortraitMatting> {
    if (!globalThis.isSecureContext) {
      throw new PspmError("insecure", "This works on https:// pages and on localhost only; open the page there.");
    }
    const gpu = new Gpu(options.canvas ?? new OffscreenCanvas(1, 1));
    const bundle = await openBundle(asFolder(options.bundle));
    const total = bundle.bytes + __WASM_BYTES__;
    const compiled = gpu.compile();
    const engine = await RemoteEngine.load(
      bundle,
      asFolder(options.engine),
      { delegate: options.delegate ?? "auto", threads: options.threads ?? null },
      (loaded) => options.onProgress?.(Math.min(loaded, total), total),
    );
    await compiled;
    options.onProgress?.(total, total);
    return new PortraitMatting(bundle, engine, gpu);
  }

  /** Put a bundle into the browser's cache, so that `load` needs no network for it. */
  static async prefetch(folder: string | URL): Promise<void> {
    const { model, sha256 } = await openBundle(asFolder(folder));
    await fetchAsset(new URL(model), { sha256 });
  }

  /** Name and version of the engine, where it runs, and its number of threads. */
  get engine(): { name: string; delegate: Delegate; threads: number } {
    const { name, delegate, threads } = this.#engine;
    return { name, delegate, threads };
  }

  /** Name of the graphics device, if the browser reveals it. */
  get graphics(): string {
    return this.#gpu.device;
  }

  /** The alpha matte of a photo. */
  async predictAlpha(photo: PhotoInput, options: PhotoOptions = {}): Promise<Alpha> {
    const matte = await this.matte(photo, options);
    try {
      return { width: matte.width, height: matte.height, data: await matte.alpha() };
    } finally {
      matte.close();
    }
  }

  /** The person without background: an RGBA PNG with straight alpha and estimated foreground colours. */
  async cutOut(photo: PhotoInput, options: PhotoOptions = {}): Promise<Blob> {
    return await this.#file(photo, { kind: "cutout" }, options);
  }

  /** The person over a colour ("#20a0ff") or a picture that covers the photo, as JPEG. */
  async replaceBackground(
    photo: PhotoInput,
    background: string | BackgroundPicture,
    options: PhotoOptions = {},
  ): Promise<Blob> {
    const effect: Effect =
      typeof background === "string"
        ? { kind: "colour", colour: background }
        : { kind: "picture", picture: background };
    return await this.#file(photo, effect, options);
  }

  /** The photo with its background out of focus, as JPEG. strength: from 0 to 1. */
  async blurBackground(photo: PhotoInput, strength = 0.5, options: PhotoOptions = {}): Promise<Blob> {
    return await this.#file(photo, { kind: "blur", strength }, options);
  }

  /**
   * Matte a photo and keep photo and matte, to make several results of them.
   *
   * Throws PspmError for a photo that cannot be read or is too large.
   */
  async matte(photo: PhotoInput, options: PhotoOptions = {}): Promise<Matte> {
    const gpu = this.#gpu;
    const { signal } = options;
    const photos = (this.#photos ??= new RemotePhotos());
    const source = await photoSource(photo);
    const remote = await photos.open(source, options.maxMegapixels ?? MAX_MEGAPIXELS, { signal });
    let texture: Texture | null = null;
    try {
      const quality = options.quality ?? DEFAULT_QUALITY;
      const { looks, personShare } = await remote.look(this.bundle.size, quality, this.#counted(options), { signal });
      texture = await gpu.bands(remote.bands, remote.copy);
      const matted = mattedPhoto(gpu, { texture, size: remote.size }, looks, quality, this.#background);
      // What is drawn next then waits for nothing.
      await gpu.drawn();
      return new Matte(gpu, remote, { texture, size: remote.size }, matted, personShare);
    } catch (error) {
      gpu.free(texture);
      remote.close();
      throw error;
    }
  }

  /** Matte the frames of a camera. */
  camera(): CameraMatting {
    return new CameraMatting(this.#engine, this.bundle, this.#gpu, this.#background);
  }

  close(): void {
    this.#photos?.close();
    this.#engine.close();
    this.#gpu.close();
  }

  /** Runs the network, and counts its runs. */
  #counted({ onLook }: PhotoOptions): Run {
    let runs = 0;
    return async (rgba, size) => {
      const alpha = await this.#engine.run(rgba, size);
      onLook?.(++runs);
      return alpha;
    };
  }

  async #file(photo: PhotoInput, effect: Effect, options: PhotoOptions): Promise<Blob> {
    const matte = await this.matte(photo, options);
    try {
      return await matte.file(effect);
    } finally {
      matte.close();
    }
  }
}

function asFolder(path: string | URL): URL {
  const url = new URL(path, globalThis.document?.baseURI ?? location.href);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
