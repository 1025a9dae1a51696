/**
 * Worker that decodes photos, looks at them, and makes their results, so that the page stays responsive.
 *
 * The page runs the network for it: that has a worker of its own.
 */

import { PspmError } from "../errors.ts";
import { openPhoto } from "../files/photo.ts";
import { Gpu, type Texture } from "../gpu.ts";
import type { InputSize } from "../input_size.ts";
import { looksAt, personShare } from "../looks/find.ts";
import type { Network } from "../looks/look.ts";
import type { Plane } from "../plane.ts";
import { BitmapPhoto } from "../stages/bitmap_photo.ts";
import { BackgroundTexture } from "../stages/compose/background_texture.ts";
import type { MattedPhoto } from "../stages/matted_photo.ts";
import { failureOf, problemOf } from "./failure.ts";
import type { Answer, CallName, Calls, Question } from "./messages.ts";
import { PhotoResults, type Work, mattedPhoto } from "./photo_results.ts";

// Longest side of a photo's texture, which takes 64 MB at most. For a larger photo the texture holds a smaller copy, and
// results are made piece by piece.
const LARGEST_ON_GPU = 4096;
// The page uploads the copy in bands of so many pixels, each in a few milliseconds.
const BAND_PIXELS = 1 << 18;

interface Photo {
  bitmap: ImageBitmap;
  texture: Texture;
  matted: MattedPhoto | null;
}

type Asked = Exclude<Question, { kind: "cancel" | "ran" | "not-ran" }>;
type Answered = Calls[CallName]["answer"];

const photos = new Map<number, Photo>();
const cancels = new Map<number, AbortController>();
const runs = new Map<number, { resolve: (alpha: Float32Array<ArrayBuffer>) => void; reject: (error: Error) => void }>();
let graphics: { gpu: Gpu; background: BackgroundTexture } | null = null;
let last: Promise<void> = Promise.resolve();
let run = 0;

onmessage = ({ data }: MessageEvent<Question>) => {
  if (data.kind === "cancel") {
    cancels.get(data.call)?.abort();
  } else if (data.kind === "ran") {
    runs.get(data.run)?.resolve(data.alpha);
  } else if (data.kind === "not-ran") {
    runs.get(data.run)?.reject(problemOf(data.failure));
  } else {
    // One after the other: a photo is closed after the work on it has ended.
    cancels.set(data.call, new AbortController());
    last = last.then(() => done(data));
  }
};

async function done(asked: Asked): Promise<void> {
  const { call } = asked;
  const { signal } = cancels.get(call)!;
  try {
    signal.throwIfAborted();
    const value = await answerTo(asked, { signal, onProgress: (share) => send({ kind: "progress", call, done: share }) });
    send({ kind: "done", call, value } as Answer, handedOver(value));
  } catch (error) {
    send({ kind: "failed", call, failure: failureOf(error) });
  } finally {
    cancels.delete(call);
  }
}

async function answerTo(asked: Asked, work: Work): Promise<Answered> {
  switch (asked.kind) {
    case "open":
      return await open(asked);
    case "look":
      return await look(asked, networkOf(asked.rule, asked.call, work.signal));
    case "alpha":
      return await resultsOf(asked.photo).alpha(work);
    case "file":
      return await resultsOf(asked.photo).file(asked.effect, asked.type, work);
    case "close":
      close(asked.photo);
      return null;
  }
}

async function open({ photo, source, maxMegapixels }: Calls["open"]["question"]): Promise<Calls["open"]["answer"]> {
  const { gpu } = drawing();
  const bitmap = await openPhoto(source, maxMegapixels);
  const { width, height } = bitmap;
  const scale = Math.min(1, Math.min(LARGEST_ON_GPU, gpu.largest) / Math.max(width, height));
  const copy = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const resize = { resizeWidth: copy.width, resizeHeight: copy.height, resizeQuality: "high" } as const;
  const smaller = scale < 1 ? await createImageBitmap(bitmap, { ...resize, premultiplyAlpha: "none" }) : bitmap;
  const bands: ImageBitmap[] = [];
  const rows = Math.max(1, Math.floor(BAND_PIXELS / copy.width));
  for (let top = 0; top < copy.height; top += rows) {
    const part = [0, top, copy.width, Math.min(rows, copy.height - top)] as const;
    bands.push(await createImageBitmap(smaller, ...part, { premultiplyAlpha: "none" }));
  }
  photos.set(photo, { bitmap, texture: gpu.picture(smaller, copy.width, copy.height, true), matted: null });
  if (smaller !== bitmap) smaller.close();
  return { size: { width, height }, copy, bands };
}

async function look({ photo, quality }: Calls["look"]["question"], network: Network): Promise<Calls["look"]["answer"]> {
  const { gpu, background } = drawing();
  const { bitmap, texture } = photos.get(photo)!;
  const found = await looksAt(network, new BitmapPhoto(gpu, bitmap, texture), quality);
  const size = { width: bitmap.width, height: bitmap.height };
  photos.get(photo)!.matted = mattedPhoto(gpu, { texture, size }, found, quality, background);
  return { looks: found, personShare: personShare(found) };
}

/** The network, which the page runs. */
function networkOf(size: InputSize, call: number, signal: AbortSignal): Network {
  return {
    size,
    alpha: async ({ width, height, data }): Promise<Plane> => {
      signal.throwIfAborted();
      const number = ++run;
      const stop = () => runs.get(number)?.reject(signal.reason as Error);
      signal.addEventListener("abort", stop);
      try {
        const alpha = await new Promise<Float32Array<ArrayBuffer>>((resolve, reject) => {
          runs.set(number, { resolve, reject });
          send({ kind: "run", call, run: number, size: { width, height }, rgba: data });
        });
        return { width, height, data: alpha };
      } finally {
        signal.removeEventListener("abort", stop);
        runs.delete(number);
      }
    },
  };
}

function resultsOf(photo: number): PhotoResults {
  const { bitmap, texture, matted } = photos.get(photo)!;
  return new PhotoResults(drawing().gpu, bitmap, texture, matted!);
}

function close(number: number): void {
  const photo = photos.get(number);
  photos.delete(number);
  photo?.matted?.close();
  photo?.bitmap.close();
  graphics?.gpu.free(photo?.texture);
}

/** The GPU, from the first photo on. */
function drawing(): { gpu: Gpu; background: BackgroundTexture } {
  if (graphics?.gpu.lost) throw new PspmError("graphics", "The graphics processor stopped; reload the page.");
  if (!graphics) {
    const gpu = new Gpu(new OffscreenCanvas(1, 1));
    graphics = { gpu, background: new BackgroundTexture(gpu) };
  }
  return graphics;
}

/** What of an answer is moved to the page, not copied. */
function handedOver(value: Answered): Transferable[] {
  if (value instanceof Uint8Array) return [value.buffer];
  return value && "bands" in value ? value.bands : [];
}

function send(message: Answer, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}
