import { type Bundle, openBundle } from "./bundle.ts";
import { CameraMatting } from "./camera_matting.ts";
import type { BackgroundPicture, Effect } from "./effect.ts";
import type { Delegate, EngineOptions } from "./engines/engine.ts";
import { RemoteEngine } from "./engines/remote_engine.ts";
import { PspmError } from "./errors.ts";
import { type Progress, fetchAsset } from "./files/assets.ts";
import { type PhotoInput, openPhoto } from "./files/photo.ts";
import { Gpu, type Texture } from "./gpu.ts";
import { looksAt, personShare } from "./looks/find.ts";
import type { Network } from "./looks/look.ts";
import { DEFAULT_QUALITY, GUIDES, type Quality } from "./looks/quality.ts";
import { Matte } from "./matte.ts";
import { BackgroundTexture } from "./stages/compose/background_texture.ts";
import { MattedPhoto, PHOTO_DETAIL } from "./stages/matted_photo.ts";
import { BitmapPhoto } from "./stages/bitmap_photo.ts";
import { merge } from "./stages/refine/refine.ts";

// Longest side of a photo's texture, which takes 64 MB at most. For a larger photo the texture holds a smaller copy, and
// results are made piece by piece.
const LARGEST_ON_GPU = 4096;

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
    const engine = await RemoteEngine.load(
      bundle,
      asFolder(options.engine),
      { delegate: options.delegate ?? "auto", threads: options.threads ?? null },
      (loaded) => options.onProgress?.(Math.min(loaded, total), total),
    );
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
    const bitmap = await openPhoto(photo, options.maxMegapixels ?? MAX_MEGAPIXELS);
    const textures: Texture[] = [];
    try {
      const texture = await upload(gpu, bitmap);
      textures.push(texture);
      const size = { width: bitmap.width, height: bitmap.height };
      const quality = options.quality ?? DEFAULT_QUALITY;
      const looks = await looksAt(this.#network(options), new BitmapPhoto(gpu, bitmap, texture), quality);
      const seen = looks.map(({ box, alpha, view }) => {
        const look = { box, view: gpu.bytes(view.data, view), alpha: gpu.numbers(alpha.data, alpha.width, alpha.height) };
        textures.push(look.view, look.alpha);
        return look;
      });
      const refined = merge(gpu, seen, size, GUIDES[quality]);
      gpu.free(...textures.splice(1));
      const photo = { texture, size };
      const matted = new MattedPhoto(gpu, photo, refined, this.#background, PHOTO_DETAIL);
      return new Matte(gpu, bitmap, photo, matted, personShare(looks));
    } catch (error) {
      bitmap.close();
      gpu.free(...textures);
      throw error;
    }
  }

  /** Matte the frames of a camera. */
  camera(): CameraMatting {
    return new CameraMatting(this.#engine, this.bundle, this.#gpu, this.#background);
  }

  close(): void {
    this.#engine.close();
    this.#gpu.close();
  }

  /** The network, as the looks at a photo run it: it counts its runs, and stops where it is told to. */
  #network({ onLook, signal }: PhotoOptions): Network {
    let runs = 0;
    return {
      size: this.bundle.size,
      alpha: async ({ width, height, data }) => {
        signal?.throwIfAborted();
        // The engine takes the bytes away.
        const found = await this.#engine.run(data.slice(), { width, height });
        signal?.throwIfAborted();
        onLook?.(++runs);
        return { width, height, data: found };
      },
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

/** Upload a photo, reduced if it is larger than LARGEST_ON_GPU. */
async function upload(gpu: Gpu, bitmap: ImageBitmap): Promise<Texture> {
  const largest = Math.min(LARGEST_ON_GPU, gpu.largest);
  const scale = Math.min(1, largest / Math.max(bitmap.width, bitmap.height));
  if (scale === 1) return gpu.picture(bitmap, bitmap.width, bitmap.height, true);
  const size = { resizeWidth: Math.round(bitmap.width * scale), resizeHeight: Math.round(bitmap.height * scale) };
  const smaller = await createImageBitmap(bitmap, { ...size, resizeQuality: "high", premultiplyAlpha: "none" });
  try {
    return gpu.picture(smaller, smaller.width, smaller.height, true);
  } finally {
    smaller.close();
  }
}

function asFolder(path: string | URL): URL {
  const url = new URL(path, globalThis.document?.baseURI ?? location.href);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
