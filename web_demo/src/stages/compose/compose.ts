import type { Gpu, Texture } from "../../gpu.ts";
import { shader } from "../../shaders.ts";
import type { Size } from "../../size.ts";
import type { Colours } from "../foreground/foreground.ts";
import type { Part } from "../photo_texture.ts";
import { REFINE, type Refined } from "../refine/refine.ts";
import composeShader from "./compose.frag?raw";

const SHADER = shader(REFINE + composeShader);
const KINDS = { photo: 0, matte: 1, cutout: 2, colour: 3, picture: 4 } as const;

/** A texture that holds a part of the photo. */
export interface Source {
  readonly texture: Texture;
  readonly part: Part;
}

/** The part of the photo to draw, at which size, and where: into a texture, or onto the canvas if it is null. */
export interface Target {
  readonly part: Part;
  readonly size: Size;
  readonly texture: Texture | null;
  readonly mirror: boolean;
}

/** The matte, the foreground alone, or the foreground over an RGB colour or over the part of a picture. */
export type Composition =
  | { kind: "matte" | "cutout" }
  | { kind: "colour"; colour: readonly [number, number, number] }
  | { kind: "picture"; picture: Texture; part: Part };

/** Draw the photo as it is. */
export function drawPhoto(gpu: Gpu, source: Source, target: Target): void {
  draw(gpu, source, target, { kind: KINDS.photo });
}

/** Draw a composition of the photo. */
export function compose(
  gpu: Gpu,
  source: Source,
  target: Target,
  refined: Refined,
  colours: Colours,
  composition: Composition,
): void {
  // A sampler needs a texture even where the shader does not read it.
  const behind = composition.kind === "picture" ? composition.picture : source.texture;
  const part = composition.kind === "picture" ? composition.part : ([0, 0, 1, 1] as const);
  draw(gpu, source, target, {
    ...refined,
    ...colours,
    behind,
    behind_part: part,
    enlarge: behind.width * part[2] < refined.photo_size[0],
    colour: composition.kind === "colour" ? composition.colour : [0, 0, 0],
    kind: KINDS[composition.kind],
  });
}

/** The centred part of a picture that has the frame's aspect ratio: left, top, width and height, each in [0, 1]. */
export function coverBox(picture: Size, frame: Size): [left: number, top: number, width: number, height: number] {
  const scale = Math.min(picture.width / frame.width, picture.height / frame.height);
  const width = Math.min(1, (frame.width * scale) / picture.width);
  const height = Math.min(1, (frame.height * scale) / picture.height);
  return [(1 - width) / 2, (1 - height) / 2, width, height];
}

function draw(gpu: Gpu, source: Source, target: Target, uniforms: Parameters<Gpu["draw"]>[1]): void {
  const base = {
    photo: source.texture,
    photo_part: source.part,
    target_part: target.part,
    target_size: [target.size.width, target.size.height],
    to_screen: !target.texture,
    mirror: target.mirror,
  };
  gpu.draw(SHADER, { ...base, ...uniforms }, target.texture ? [target.texture] : []);
}
