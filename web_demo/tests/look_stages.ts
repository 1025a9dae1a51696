/** Runs in the browser: the stages of the search for people, for the test vectors. */

import type { Gpu, Texture } from "../src/gpu.ts";
import { type InputSize, smaller } from "../src/input_size.ts";
import { boxesOfPeople, gain } from "../src/looks/boxes.ts";
import { isClearer } from "../src/looks/clearer_view.ts";
import { betterBox, boxOfPeople, isSomebody, nearPeople } from "../src/looks/closer.ts";
import { areAlike, isSamePerson } from "../src/looks/confirm.ts";
import { looksAt } from "../src/looks/find.ts";
import { hintsIn, tilesOf } from "../src/looks/hints.ts";
import { type Box, type Look, type Network, agreed, agreement, forThumbnails, viewSize, whole } from "../src/looks/look.ts";
import { doubt, isCertain, isPlain, turnOfLeastDoubt } from "../src/looks/orientation.ts";
import { BUDGETS, GUIDES, NEARNESS, QUALITIES } from "../src/looks/quality.ts";
import { regions } from "../src/looks/regions.ts";
import { blend, plan, shareOfSecondLook } from "../src/looks/second_look.ts";
import { SMALL_SIDE } from "../src/constants.ts";
import type { Pixels, Plane } from "../src/plane.ts";
import type { Size } from "../src/size.ts";
import { BitmapPhoto } from "../src/stages/bitmap_photo.ts";
import { boxMean } from "../src/stages/box_filter.ts";
import { type LookTextures, merge } from "../src/stages/refine/refine.ts";
import { type Inputs, type Numbers, imageData, sizeOf, textureOf } from "./inputs.ts";
import { matteOf } from "./matte_of.ts";

type Stage = (inputs: Inputs, parameters: any) => Promise<ArrayLike<number>>;

/** The stages that need no GPU, and those of whole photos. */
export function lookStages(gpu: Gpu): Record<string, Stage> {
  return {
    "box-mean": async ({ x }, { radius }) => {
      const [count, height, width] = x!.shape as [number, number, number];
      const planes = Array.from({ length: count }, (_, i) => Float32Array.from(x!.data).slice(i * width * height, (i + 1) * width * height));
      return planes.flatMap((data) => Array.from(boxMean({ width, height, data }, radius).data));
    },
    "look-regions": async ({ mask }) => {
      const found = regions(planeOf(mask!), 0.5);
      return [...found.flatMap(({ box }) => box), ...found.map(({ pixels }) => pixels)];
    },
    "look-boxes": async ({ alpha }, parameters) =>
      boxesOfPeople(planeOf(alpha!), photoOf(parameters), ruleOf(parameters), parameters.most).flat(),
    "look-quality": async ({ quality }) => {
      const name = QUALITIES[quality!.data[0]!]!;
      const { closer, hints, smallViews } = BUDGETS[name];
      const { scale, runs, mirrored } = NEARNESS[name] ?? { scale: 1, runs: 0, mirrored: false };
      return [closer, hints, Number(smallViews), scale, runs, Number(mirrored), Number(GUIDES[name] === "colours")];
    },
    "look-view": async ({ boxes, thumbnails }, parameters) => {
      const [rule, photo] = [ruleOf(parameters), photoOf(parameters)];
      const turns = boxesOf(boxes!).flatMap((box) => [0, 1].map((turn) => ({ box, turn })));
      const sizes = turns.map(({ box, turn }) => viewSize(rule, box, turn));
      const gains = turns.map(({ box, turn }) => gain(box, whole(photo), rule, turn));
      const small = pairsOf(thumbnails!).map((size) => viewSize(smaller(forThumbnails(rule, size), SMALL_SIDE), whole(size)));
      return [...flat(sizes), ...gains, ...flat(small)];
    },
    "look-closer": async ({ alpha }, parameters) => {
      const look = lookOf(alpha!, parameters);
      const [around, better] = [boxOfPeople(look), betterBox(look, photoOf(parameters), ruleOf(parameters))];
      return [...(around ?? []), ...(better ?? []), Number(isSomebody(look, photoOf(parameters)))];
    },
    "look-near": async ({ alpha }, parameters) => {
      const shape = { width: 62, height: 60 };
      const near = nearPeople(planeOf(alpha!), parameters.box, photoOf(parameters), ruleOf(parameters), shape);
      return near?.data ?? new Float32Array(shape.width * shape.height).fill(1);
    },
    "look-confirm": async ({ one, other, agreed }) => {
      const same = boxesOf(one!).map((box, i) => Number(isSamePerson(box, boxesOf(other!)[i]!)));
      return [...same, ...Array.from(agreed!.data, (share) => Number(areAlike(share)))];
    },
    "look-hints": async ({ alpha, known }, parameters) => {
      const found = hintsIn(lookOf(alpha!, parameters), photoOf(parameters), boxesOf(known!));
      return [...found.map(({ clearness }) => clearness), ...found.flatMap(({ window }) => window)];
    },
    "look-tiles": async ({ photo }) => tilesOf({ width: photo!.data[0]!, height: photo!.data[1]! }).flat(),
    "look-measures": async ({ alpha }, { turn }) => {
      const look = { alpha: planeOf(alpha!), turn };
      return [doubt(look), Number(isPlain(look))];
    },
    "look-agreement": async ({ alpha, small }) => {
      const [one, other] = [planeOf(alpha!), planeOf(small!)];
      return [agreement(one, other), Number(isClearer(other, one))];
    },
    "look-upright": async ({ numbers, doubts }) => {
      const certain = rows(numbers!).map(([plain, ...others]) => Number(isCertain(plain === 1, ...(others as [number, number, number, number]))));
      return [...certain, ...rows(doubts!).map(turnOfLeastDoubt)];
    },
    "look-mirror": async ({ one, other }) => agreed(planeOf(one!), planeOf(other!)).data,
    "look-share": async ({ alpha }, { reach }) => shareOfSecondLook(planeOf(alpha!), reach).data,
    "look-blend": async ({ first, second, share }) => blend(planeOf(first!), planeOf(second!), planeOf(share!)).data,
    "look-second-view": async ({ alpha }, parameters) => {
      const matte = planeOf(alpha!);
      const planned = plan(matte, parameters.box, ruleOf(parameters), NEARNESS[QUALITIES[parameters.quality]!]!);
      if (!planned) return new Float32Array(matte.data.length);
      return [...flat([planned.size]), ...planned.seen, ...planned.share.data];
    },
    "look-merge": async (inputs, { box, colours }) => {
      const look = (place: string, of: Box): LookTextures => ({
        box: of,
        view: textureOf(gpu, inputs[`${place}-view`]!),
        alpha: numbersOf(gpu, inputs[`${place}-alpha`]!),
      });
      const size = sizeOf(inputs["image"]!);
      const looks = [look("first", whole(size)), look("closer", box)];
      return await matteOf(gpu, inputs["image"]!, merge(gpu, looks, size, colours ? "colours" : "luma"));
    },
    "look-refine-by-colours": async ({ alpha, view, image }) => {
      const size = sizeOf(image!);
      const look = { box: whole(size), view: textureOf(gpu, view!), alpha: numbersOf(gpu, alpha!) };
      return await matteOf(gpu, image!, merge(gpu, [look], size, "colours"));
    },
    "look-search": async ({ image }, parameters) => {
      const { looks, runs } = await searched(gpu, image!, parameters);
      return [...looks.flatMap(({ box }) => box), ...looks.map(({ turn }) => turn), runs];
    },
    "look-matte": async ({ image }, parameters) => {
      const { looks } = await searched(gpu, image!, parameters);
      const seen = looks.map(({ box, alpha, view }) => ({
        box,
        view: gpu.bytes(view.data, view),
        alpha: gpu.numbers(alpha.data, alpha.width, alpha.height),
      }));
      const refined = merge(gpu, seen, sizeOf(image!), GUIDES[QUALITIES[parameters.quality]!]);
      return await matteOf(gpu, image!, refined);
    },
  };
}

/** The looks at a photo with an engine that is arithmetic, and how often it ran; see docs/vectors.md. */
async function searched(gpu: Gpu, image: Numbers, parameters: any): Promise<{ looks: Look[]; runs: number }> {
  let runs = 0;
  const network: Network = {
    size: ruleOf(parameters),
    alpha: async (view) => {
      runs++;
      return greenIn(view);
    },
  };
  const bitmap = await createImageBitmap(imageData(image));
  const photo = new BitmapPhoto(gpu, bitmap, textureOf(gpu, image));
  return { looks: await looksAt(network, photo, QUALITIES[parameters.quality]!), runs };
}

/** Green is a person. */
function greenIn({ width, height, data }: Pixels): Plane {
  const alpha = new Float32Array(width * height);
  for (let i = 0; i < alpha.length; i++) alpha[i] = Math.min(Math.max((data[4 * i + 1]! - data[4 * i]!) / 128, 0), 1);
  let rowsSeen = 0;
  for (let y = 0; y < height; y++) rowsSeen += Number(alpha.subarray(y * width, (y + 1) * width).some((a) => a > 0));
  const scale = (by: number) => alpha.forEach((a, i) => (alpha[i] = a * by));
  if (rowsSeen < 30) scale(rowsSeen >= 12 ? 0.125 : 0);
  const edge = (count: number, at: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += alpha[at(i)]!;
    return sum / count;
  };
  const others = [edge(width, (i) => i), edge(height, (i) => i * width), edge(height, (i) => (i + 1) * width - 1)];
  if (Math.max(...others) > edge(width, (i) => (height - 1) * width + i)) scale(0.75);
  return { width, height, data: alpha };
}

function planeOf(numbers: Numbers): Plane {
  return { ...sizeOf(numbers), data: Float32Array.from(numbers.data) };
}

function numbersOf(gpu: Gpu, numbers: Numbers): Texture {
  const { width, height, data } = planeOf(numbers);
  return gpu.numbers(data, width, height);
}

function rows({ data, shape }: Numbers): number[][] {
  const length = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, i) => Array.from({ length }, (__, k) => data[i * length + k]!));
}

function boxesOf(numbers: Numbers): Box[] {
  return rows(numbers) as unknown as Box[];
}

function pairsOf(numbers: Numbers): Size[] {
  return rows(numbers).map(([width, height]) => ({ width: width!, height: height! }));
}

function flat(sizes: Size[]): number[] {
  return sizes.flatMap(({ width, height }) => [width, height]);
}

function photoOf({ photo }: any): Size {
  return { width: photo[0], height: photo[1] };
}

function ruleOf({ side, multiple, longest, sizes }: any): InputSize {
  return { side, multiple, longest, sizes: sizes.map(([width, height]: [number, number]) => ({ width, height })) };
}

function lookOf(alpha: Numbers, { box }: any): Look {
  return { box, alpha: planeOf(alpha), view: { ...sizeOf(alpha), data: new Uint8Array(0) }, turn: 0 };
}
