import { REDUCING_GAP } from "../../constants.ts";
import type { Gpu, Texture } from "../../gpu.ts";
import type { Size } from "../../size.ts";
import reduceShader from "./reduce.frag?raw";
import resampleShader from "./resample.frag?raw";

/**
 * Resize as Pillow does, with 8 bits after each pass.
 *
 * box: use a box filter instead of a triangle. onWhite: composite transparent pixels on white.
 */
export function resample(
  gpu: Gpu,
  source: Texture,
  size: Size,
  { box, onWhite }: { box: boolean; onWhite: boolean },
): Texture {
  const factor = (from: number, to: number) => Math.max(1, Math.floor(from / to / REDUCING_GAP));
  const block = [factor(source.width, size.width), factor(source.height, size.height)] as const;
  const [wide, high] = [source.width / block[0], source.height / block[1]];
  const reduced = block[0] * block[1] > 1 ? gpu.target(Math.ceil(wide), Math.ceil(high), "bytes") : null;
  if (reduced) reduce(gpu, source, block, reduced);
  const between = gpu.target(size.width, (reduced ?? source).height, "bytes");
  const result = gpu.target(size.width, size.height, "bytes");
  const across = { source: reduced ?? source, axis: [1, 0], step_: wide / size.width, box, on_white: false };
  gpu.draw(resampleShader, across, [between]);
  const down = { source: between, axis: [0, 1], step_: high / size.height, box, on_white: onWhite };
  gpu.draw(resampleShader, down, [result]);
  gpu.free(reduced, between);
  return result;
}

/** Mean over blocks of pixels, written to `target`. */
export function reduce(gpu: Gpu, source: Texture, block: readonly [number, number], target: Texture): void {
  gpu.draw(reduceShader, { source, block }, [target]);
}
