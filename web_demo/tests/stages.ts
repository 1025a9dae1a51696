/** Run in the page: what every stage of ours makes of the vectors' inputs, compared with what Python made of them. */

import { summary } from "../app/summary.ts";
import { type Effect, coverPart } from "../src/effect.ts";
import { normalise } from "../src/engine.ts";
import { Gpu } from "../src/gpu.ts";
import { type Manifest, type Size, fit } from "../src/manifest.ts";
import { FINE, Stage } from "../src/stage.ts";

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

interface Numbers {
  data: ArrayLike<number>;
  shape: number[];
}

type Inputs = Record<string, Numbers>;

const TYPES = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };
const HAZE = 4 / 255;

const gpu = new Gpu(new OffscreenCanvas(1, 1));

/** What we make of the inputs, as many numbers as Python made, in the same order. */
const STAGES: Record<string, (inputs: Inputs, parameters: any) => Promise<ArrayLike<number>>> = {
  fit: async ({ frames }, { side, multiple, longest, sizes }) => {
    const listed = (sizes as [number, number][]).map(([width, height]) => ({ width, height }));
    return pairs(frames!).flatMap(([width, height]) => {
      const size = fit({ side, multiple, longest, sizes: listed }, width, height);
      return [size.width, size.height];
    });
  },
  cover: async ({ pictures }, { frame }) => {
    const [frameWidth, frameHeight] = frame as [number, number];
    return pairs(pictures!).flatMap(([width, height]) => {
      const [left, top, wide, high] = coverPart({ width, height }, { width: frameWidth, height: frameHeight });
      return [left * width, top * height, (left + wide) * width, (top + high) * height];
    });
  },
  statistics: async ({ samples }) => {
    const { mean, p50, p90, p99 } = summary(Array.from(samples!.data));
    return [mean, p50, p90, p99];
  },
  normalise: async ({ view }, { mean, std }) => {
    const interleaved = normalise(rgba(view!), { mean, std } as unknown as Manifest);
    const pixels = interleaved.length / 3;
    return interleaved.map((_, i) => interleaved[(i % pixels) * 3 + Math.floor(i / pixels)]!);
  },
  resize: async ({ image, transparency }, rule) => {
    const stage = await onStage(image!, transparency);
    const { width, height } = sizeOf(image!);
    return rgb(stage.view(fit(rule as unknown as Manifest["size"], width, height)));
  },
  refine: async ({ alpha, view, image }) => {
    // A picture at the network's size is its own view.
    const stage = await onStage(view!);
    stage.view(sizeOf(view!));
    await setPhoto(stage, image!);
    stage.setAlpha(Float32Array.from(alpha!.data), sizeOf(alpha!), false);
    return result(stage, image!, { kind: "matte" }).filter((_, i) => i % 4 === 0);
  },
  smooth: async ({ frames }) => {
    const [count, height, width] = frames!.shape as [number, number, number];
    const size = { width, height };
    const blank = { data: new Uint8Array(width * height * 3), shape: [height, width, 3] };
    const stage = await onStage(blank);
    stage.view(size);
    const shown: number[] = [];
    for (let i = 0; i < count; i++) {
      const frame = Float32Array.from(frames!.data).subarray(i * width * height, (i + 1) * width * height);
      stage.setAlpha(frame, size, true);
      const matte = result(stage, blank, { kind: "matte" }).filter((_, at) => at % 4 === 0);
      shown.push(...matte.map((code) => code));
    }
    return shown.map((code) => code / 255);
  },
  replace: async ({ image, matte, picture }) => {
    const stage = await withMatte(image!, matte!);
    const canvas = new OffscreenCanvas(picture!.shape[1]!, picture!.shape[0]!);
    canvas.getContext("2d")!.putImageData(imageData(picture!), 0, 0);
    return rgb(result(stage, image!, { kind: "picture", picture: canvas }));
  },
  "cut-out": async ({ image, matte }) => result(await withMatte(image!, matte!), image!, { kind: "cutout" }),
  blur: async ({ image, matte }, { strength }) =>
    rgb(result(await withMatte(image!, matte!), image!, { kind: "blur", strength })),
};

/** Mean difference of every case that we have a stage for, as a share of its range. */
export async function compare(cases: Case[]): Promise<{ name: string; error: number }[]> {
  const found: { name: string; error: number }[] = [];
  for (const { stage, name, parameters, inputs, outputs } of cases) {
    const run = STAGES[stage];
    if (!run) continue;
    const given = Object.fromEntries(await Promise.all(Object.entries(inputs).map(async ([key, entry]) => [key, await read(entry)])));
    const wanted = (await Promise.all(Object.values(outputs).map(read))).flatMap(({ data }) => Array.from(data));
    let ours = Array.from(await run(given as Inputs, parameters));
    let theirs = wanted;
    // We show the matte settled and in 8 bits, where Python's function stops before.
    if (stage === "smooth") theirs = theirs.map((a) => Math.min(Math.max((a - HAZE) / (1 - 2 * HAZE), 0), 1));
    // A cut-out's colours count where there is something to see.
    if (stage === "cut-out") [ours, theirs] = [premultiplied(ours), premultiplied(theirs)];
    if (ours.length !== theirs.length) throw new Error(`${stage} ${name}: ${ours.length} numbers, not ${theirs.length}`);
    const range = Object.values(outputs)[0]!.dtype === "uint8" ? 255 : 1;
    const error = theirs.reduce((sum, value, i) => sum + Math.abs(value - ours[i]!), 0) / theirs.length / range;
    found.push({ name: `${stage} ${name}`, error });
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

function sizeOf({ shape }: Numbers): Size {
  return { width: shape[1]!, height: shape[0]! };
}

function rgba({ data }: Numbers, transparency?: Numbers): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((data.length / 3) * 4);
  return bytes.map((_, i) => (i % 4 === 3 ? (transparency?.data[i >> 2] ?? 255) : data[(i >> 2) * 3 + (i % 4)]!));
}

function rgb(bytes: Uint8Array): Uint8Array {
  return bytes.filter((_, i) => i % 4 !== 3);
}

function premultiplied(codes: number[]): number[] {
  return codes.map((code, i) => (i % 4 === 3 ? code : (code * codes[i - (i % 4) + 3]!) / 255));
}

function imageData(image: Numbers, transparency?: Numbers): ImageData {
  const { width, height } = sizeOf(image);
  return new ImageData(new Uint8ClampedArray(rgba(image, transparency)), width, height);
}

async function onStage(image: Numbers, transparency?: Numbers): Promise<Stage> {
  const stage = new Stage(gpu, FINE);
  await setPhoto(stage, image, transparency);
  return stage;
}

async function setPhoto(stage: Stage, image: Numbers, transparency?: Numbers): Promise<void> {
  const size = sizeOf(image);
  stage.setPhoto(imageData(image, transparency), size, size, true);
}

/** A photo whose matte is known: a network's of the photo's own size, with the haze that will be taken off again. */
async function withMatte(image: Numbers, matte: Numbers): Promise<Stage> {
  const stage = await onStage(image);
  stage.view(sizeOf(image));
  stage.setAlpha(Float32Array.from(matte.data, (code) => (code / 255) * (1 - 2 * HAZE) + HAZE), sizeOf(matte), false);
  return stage;
}

function result(stage: Stage, image: Numbers, effect: Effect): Uint8Array<ArrayBuffer> {
  const { width, height } = sizeOf(image);
  return stage.result(effect, [0, 0, width, height], null);
}

Object.assign(globalThis, { compare });
