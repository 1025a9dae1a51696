import { FEATHER } from "../../constants.ts";
import type { Gpu, Texture } from "../../gpu.ts";
import { roundHalfToEven } from "../../input_size.ts";
import { shader } from "../../shaders.ts";
import type { Size } from "../../size.ts";
import interpolationShader from "../interpolation.glsl?raw";
import { resample } from "../resample/resample.ts";
import { colourModels } from "./colour_models.ts";
import copyShader from "./copy.frag?raw";
import { linearModels } from "./linear_models.ts";
import lumaShader from "./luma.glsl?raw";
import refineShader from "./refine.glsl?raw";
import to8BitShader from "./to_8_bit.frag?raw";

/** GLSL that defines `refine(position, photo)`, alpha at the photo's resolution. It needs the uniforms in `Refined`. */
export const REFINE = interpolationShader + lumaShader + refineShader;

const COPY = shader(copyShader);
const TO_8_BIT = shader(to8BitShader);

const KINDS = { luma: 0, colours: 1, plain: 2 } as const;
// Numbers of a closer look: its box, where its models are in the texture (left, top, width, height), kind, reach.
const PLACE = 10;

/** Uniforms of the GLSL function `refine`. */
export interface Refined {
  readonly models: Texture;
  readonly photo_size: readonly [width: number, height: number];
  readonly kind_of_models: number;
  readonly closer: number;
  readonly closer_models: Texture;
  readonly closer_places: Texture;
}

/** A look on the GPU: the part of the photo, and view and alpha of the same size. */
export interface LookTextures {
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
  readonly view: Texture;
  readonly alpha: Texture;
}

/** What the matte follows: the photo's luma, or all three colours. */
type Guide = "luma" | "colours";

interface Models {
  readonly texture: Texture;
  readonly kind: number;
}

/** Prepare edge-aware upsampling of alpha from the view's resolution to the photo's. Free it with `freeRefined`. */
export function refine(gpu: Gpu, view: Texture, alpha: Texture, photo: Size, guide: Guide = "luma"): Refined {
  const { texture, kind } = modelsOf(gpu, view, alpha, photo, guide);
  const photo_size = [photo.width, photo.height] as const;
  // A sampler needs a texture even where the shader does not read it.
  return { models: texture, photo_size, kind_of_models: kind, closer: 0, closer_models: texture, closer_places: texture };
}

/**
 * Prepare the looks at a photo, the first one at all of it, to be refined and laid over each other.
 *
 * A closer look replaces what is in its box, and fades in along those of its edges that are not the photo's.
 */
export function merge(gpu: Gpu, looks: readonly LookTextures[], photo: Size, guide: Guide): Refined {
  const [first, ...closer] = looks as [LookTextures, ...LookTextures[]];
  const refined = refine(gpu, first.view, first.alpha, photo, guide);
  if (!closer.length) return refined;
  const models = closer.map(({ box, view, alpha }) => {
    const size = { width: box[2] - box[0], height: box[3] - box[1] };
    return modelsOf(gpu, view, alpha, size, guide);
  });
  const { places, width, height } = shelves(models.map(({ texture }) => texture));
  if (Math.max(width, height) > gpu.largest) throw new RangeError("the looks are too many for one texture");
  const closer_models = gpu.target(width, height, "floats");
  const numbers = new Float32Array(PLACE * closer.length);
  closer.forEach(({ box }, i) => {
    const { texture, kind } = models[i]!;
    const [left, top] = places[i]!;
    const origin = [left, top] as const;
    gpu.draw(COPY, { source: texture, origin }, [closer_models], [left, top, texture.width, texture.height]);
    const reach = Math.max(1, roundHalfToEven(FEATHER * Math.max(box[2] - box[0], box[3] - box[1])));
    numbers.set([...box, left, top, texture.width, texture.height, kind, reach], i * PLACE);
  });
  gpu.free(...models.map(({ texture }) => texture));
  return { ...refined, closer: closer.length, closer_models, closer_places: gpu.numbers(numbers, PLACE, closer.length) };
}

/** Give the textures back. */
export function freeRefined(gpu: Gpu, refined: Refined): void {
  gpu.free(...new Set([refined.models, refined.closer_models, refined.closer_places]));
}

/** If the photo is no larger than the view, alpha is interpolated without models of the guided filter. */
function modelsOf(gpu: Gpu, view: Texture, alpha: Texture, photo: Size, guide: Guide): Models {
  if (photo.width * photo.height > alpha.width * alpha.height) {
    const texture = guide === "luma" ? linearModels(gpu, view, alpha) : colourModels(gpu, view, alpha);
    return { texture, kind: KINDS[guide] };
  }
  const models = linearModels(gpu, view, alpha);
  const small = gpu.target(models.width, models.height, "bytes");
  gpu.draw(TO_8_BIT, { models }, [small]);
  const interpolated = resample(gpu, small, photo, { box: false, onWhite: false });
  gpu.free(models, small);
  return { texture: interpolated, kind: KINDS.plain };
}

/** Where to put rectangles in a larger one that is about square. */
function shelves(sizes: readonly Size[]): Size & { places: [left: number, top: number][] } {
  const area = sizes.reduce((sum, { width, height }) => sum + width * height, 0);
  const most = Math.max(Math.ceil(Math.sqrt(area) * 1.2), ...sizes.map(({ width }) => width));
  let [left, top, high, width] = [0, 0, 0, 0];
  const places = sizes.map((size): [left: number, top: number] => {
    if (left + size.width > most) [left, top, high] = [0, top + high, 0];
    const place: [left: number, top: number] = [left, top];
    left += size.width;
    width = Math.max(width, left);
    high = Math.max(high, size.height);
    return place;
  });
  return { places, width, height: top + high };
}
