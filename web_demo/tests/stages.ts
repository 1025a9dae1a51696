/** Runs in the browser: compares each stage's result for the test vectors with the Python runtime's. */

import { summary } from "../app/benchmark/statistics.ts";
import type { Bundle } from "../src/bundle.ts";
import { HAZE } from "../src/constants.ts";
import type { Effect } from "../src/effect.ts";
import { normalise } from "../src/engines/engine.ts";
import { Gpu, type Texture } from "../src/gpu.ts";
import { type InputSize, fit } from "../src/input_size.ts";
import { BackgroundTexture } from "../src/stages/compose/background_texture.ts";
import { coverBox } from "../src/stages/compose/compose.ts";
import { type Detail, LIVE_DETAIL, MattedPhoto, PHOTO_DETAIL } from "../src/stages/matted_photo.ts";
import { refine } from "../src/stages/refine/refine.ts";
import { networkView } from "../src/stages/network_view.ts";
import { TemporalSmoothing } from "../src/stages/temporal_smoothing/temporal_smoothing.ts";
import { type Inputs, type Numbers, imageData, red, rgba, sizeOf, textureOf } from "./inputs.ts";
import { lookStages } from "./look_stages.ts";

interface Entry {
  file: string;
  dtype: keyof typeof TYPES;
  shape: number[];
}

interface Case {
  stage: string;
  name: string;
  parameters: Record<string, unknown>;
  inputs: Record<string, Entry>;
  outputs: Record<string, Entry>;
}

const TYPES = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

const gpu = new Gpu(new OffscreenCanvas(1, 1));

/** A stage's result for the inputs of a case: as many numbers as the outputs, in the same order. */
const STAGES: Record<string, (inputs: Inputs, parameters: any) => Promise<ArrayLike<number>>> = {
  fit: async ({ frames }, { side, multiple, longest, sizes }) => {
    const listed = (sizes as [number, number][]).map(([width, height]) => ({ width, height }));
    return pairs(frames!).flatMap(([width, height]) => {
      const size = fit({ side, multiple, longest, sizes: listed }, width, height);
      return [size.width, size.height];
    });
  },
  "cover-box": async ({ pictures }, { frame }) => {
    const [frameWidth, frameHeight] = frame as [number, number];
    return pairs(pictures!).flatMap(([width, height]) => {
      const [left, top, wide, high] = coverBox({ width, height }, { width: frameWidth, height: frameHeight });
      return [left * width, top * height, (left + wide) * width, (top + high) * height];
    });
  },
  statistics: async ({ samples }) => {
    const { mean, p50, p90, p99 } = summary(Array.from(samples!.data));
    return [mean, p50, p90, p99];
  },
  normalise: async ({ view }, { mean, std }) => {
    const interleaved = normalise(rgba(view!), { mean, std } as unknown as Bundle);
    const pixels = interleaved.length / 3;
    return interleaved.map((_, i) => interleaved[(i % pixels) * 3 + Math.floor(i / pixels)]!);
  },
  "network-view": async ({ image, transparency }, rule) => {
    const { width, height } = sizeOf(image!);
    const size = fit(rule as unknown as InputSize, width, height);
    return rgb(gpu.read(networkView(gpu, textureOf(gpu, image!, transparency), size)));
  },
  refine: async ({ alpha, view, image }) => {
    const { width, height } = sizeOf(alpha!);
    const network = gpu.numbers(Float32Array.from(alpha!.data), width, height);
    return red(await result(withAlpha(image!, view!, network), image!, { kind: "matte" }));
  },
  smooth: async ({ frames }) => {
    const [count, height, width] = frames!.shape as [number, number, number];
    const blank = { data: new Uint8Array(width * height * 3), shape: [height, width, 3] };
    const smoothing = new TemporalSmoothing(gpu);
    const shown: number[] = [];
    for (let i = 0; i < count; i++) {
      const frame = Float32Array.from(frames!.data).subarray(i * width * height, (i + 1) * width * height);
      const alpha = smoothing.smooth(gpu.numbers(frame, width, height));
      shown.push(...red(await result(withAlpha(blank, blank, alpha), blank, { kind: "matte" })));
    }
    return shown.map((code) => code / 255);
  },
  "replace-background": async ({ image, matte, picture }) =>
    rgb(await result(withMatte(image!, matte!), image!, { kind: "picture", picture: canvasOf(picture!) })),
  "cut-out": async ({ image, matte }) => await result(withMatte(image!, matte!), image!, { kind: "cutout" }),
  "blur-background": async ({ image, matte }, { strength }) =>
    rgb(await result(withMatte(image!, matte!), image!, { kind: "blur", strength })),
  "live-replace": async ({ image, view, alpha, picture }) =>
    rgb(await result(live(image!, view!, alpha!), image!, { kind: "picture", picture: canvasOf(picture!) })),
  "live-blur": async ({ image, view, alpha }, { strength }) =>
    rgb(await result(live(image!, view!, alpha!), image!, { kind: "blur", strength })),
  ...lookStages(gpu),
};

/** A case's mean and largest error, as shares of the stage's range. */
export interface Comparison {
  stage: string;
  name: string;
  mean: number;
  largest: number;
}

/** The errors of every case of the stages that are run here. ranges: of the outputs, by stage. */
export async function compare(cases: Case[], ranges: Record<string, number>): Promise<Comparison[]> {
  const found: Comparison[] = [];
  for (const { stage, name, parameters, inputs, outputs } of cases) {
    const run = STAGES[stage];
    if (!run) continue;
    const given = Object.fromEntries(await Promise.all(Object.entries(inputs).map(async ([key, entry]) => [key, await read(entry)])));
    const wanted = (await Promise.all(Object.values(outputs).map(read))).flatMap(({ data }) => Array.from(data));
    let ours = Array.from(await run(given as Inputs, parameters));
    let theirs = wanted;
    // The module returns a settled matte in 8 bits, the vectors hold the matte before that.
    if (stage === "smooth") theirs = theirs.map((a) => Math.min(Math.max((a - HAZE) / (1 - 2 * HAZE), 0), 1));
    // Colours of transparent pixels do not count.
    if (stage === "cut-out") [ours, theirs] = [premultiplied(ours), premultiplied(theirs)];
    if (ours.length !== theirs.length) throw new Error(`${stage} ${name}: ${ours.length} numbers, not ${theirs.length}`);
    const errors = theirs.map((value, i) => Math.abs(value - ours[i]!) / ranges[stage]!);
    const mean = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
    const largest = errors.reduce((most, error) => Math.max(most, error), 0);
    found.push({ stage, name, mean, largest });
  }
  return found;
}

async function read({ file, dtype, shape }: Entry): Promise<Numbers> {
  const bytes = await (await fetch(`/vectors/${file}`)).arrayBuffer();
  return { data: new TYPES[dtype](bytes), shape };
}

function pairs({ data }: Numbers): [number, number][] {
  return Array.from({ length: data.length / 2 }, (_, i) => [data[2 * i]!, data[2 * i + 1]!]);
}

function rgb(bytes: Uint8Array): Uint8Array {
  return bytes.filter((_, i) => i % 4 !== 3);
}

function premultiplied(codes: number[]): number[] {
  return codes.map((code, i) => (i % 4 === 3 ? code : (code * codes[i - (i % 4) + 3]!) / 255));
}

function canvasOf(picture: Numbers): OffscreenCanvas {
  const { width, height } = sizeOf(picture);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")!.putImageData(imageData(picture), 0, 0);
  return canvas;
}

/** A photo with the network's alpha for a view. */
function withAlpha(image: Numbers, view: Numbers, alpha: Texture, detail: Detail = PHOTO_DETAIL): MattedPhoto {
  const { width, height } = sizeOf(view);
  const seen = networkView(gpu, textureOf(gpu, view), { width, height });
  const photo = { texture: textureOf(gpu, image), size: sizeOf(image) };
  return new MattedPhoto(gpu, photo, refine(gpu, seen, alpha, photo.size), new BackgroundTexture(gpu), detail);
}

/** A camera frame with the network's alpha for its view. */
function live(image: Numbers, view: Numbers, alpha: Numbers): MattedPhoto {
  const { width, height } = sizeOf(alpha);
  return withAlpha(image, view, gpu.numbers(Float32Array.from(alpha.data), width, height), LIVE_DETAIL);
}

/** A photo with a given matte of its own size. The matte gets the haze that `settle` removes. */
function withMatte(image: Numbers, matte: Numbers): MattedPhoto {
  const { width, height } = sizeOf(matte);
  const hazy = Float32Array.from(matte.data, (code) => (code / 255) * (1 - 2 * HAZE) + HAZE);
  return withAlpha(image, image, gpu.numbers(hazy, width, height));
}

async function result(matted: MattedPhoto, image: Numbers, effect: Effect): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = sizeOf(image);
  return await matted.read(effect, [0, 0, width, height], null);
}

Object.assign(globalThis, { compare });
