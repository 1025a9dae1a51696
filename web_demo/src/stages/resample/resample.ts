import { REDUCING_GAP } from "../../constants.ts";
import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import type { Size } from "../../size.ts";
import reduceShader from "./reduce.frag?raw";
import resampleShader from "./resample.frag?raw";

const REDUCE = shader(reduceShader);
const RESAMPLE = shader(resampleShader);

/** A part of a texture in its pixels, which may be fractions. */
export type Region = readonly [left: number, top: number, right: number, bottom: number];

/**
 * Resize as Pillow does, with 8 bits after each pass.
 *
 * box: use a box filter instead of a triangle. onWhite: composite transparent pixels on white. region: the part to resize;
 * the filter sees the pixels around it too.
 */
export function resample(
  gpu: Gpu,
  source: Texture,
  size: Size,
  { box, onWhite, region }: { box: boolean; onWhite: boolean; region?: Region },
): Texture {
  let [left, top, right, bottom] = region ?? [0, 0, source.width, source.height];
  const factor = (from: number, to: number) => Math.max(1, Math.trunc(from / to / REDUCING_GAP));
  const block = [factor(right - left, size.width), factor(bottom - top, size.height)] as const;
  let reduced: Texture | null = null;
  if (block[0] * block[1] > 1) {
    // As far as the filter reaches, which is half a step of it beyond the region.
    const support = [(right - left) / size.width / 2, (bottom - top) / size.height / 2] as const;
    const whole = box ? [0, 0] : support;
    const first = [Math.max(0, Math.trunc(left - whole[0]!)), Math.max(0, Math.trunc(top - whole[1]!))] as const;
    const stop = [
      Math.min(source.width, Math.ceil(right + whole[0]!)),
      Math.min(source.height, Math.ceil(bottom + whole[1]!)),
    ] as const;
    const [wide, high] = [(stop[0] - first[0]) / block[0], (stop[1] - first[1]) / block[1]];
    reduced = gpu.target(Math.ceil(wide), Math.ceil(high), "bytes");
    gpu.draw(REDUCE, { source, block, first, stop }, [reduced]);
    [left, right] = [(left - first[0]) / block[0], (right - first[0]) / block[0]];
    [top, bottom] = [(top - first[1]) / block[1], (bottom - first[1]) / block[1]];
  }
  const between = gpu.target(size.width, (reduced ?? source).height, "bytes");
  const result = gpu.target(size.width, size.height, "bytes");
  const across = { axis: [1, 0], start: left, step_: (right - left) / size.width, box, on_white: false };
  gpu.draw(RESAMPLE, { source: reduced ?? source, ...across }, [between]);
  const down = { axis: [0, 1], start: top, step_: (bottom - top) / size.height, box, on_white: onWhite };
  gpu.draw(RESAMPLE, { source: between, ...down }, [result]);
  gpu.free(reduced, between);
  return result;
}

/** Mean over blocks of pixels, written to `target`. */
export function reduce(gpu: Gpu, source: Texture, block: readonly [number, number], target: Texture): void {
  gpu.draw(REDUCE, { source, block, first: [0, 0], stop: [source.width, source.height] }, [target]);
}
