import type { Picture } from "./gpu.ts";

/** What becomes of the background. */
export type Effect =
  | { kind: "photo" }
  | { kind: "matte" }
  | { kind: "cutout" }
  /** "#rrggbb" */
  | { kind: "colour"; colour: string }
  /** A picture that covers the photo and is centre-cropped. */
  | { kind: "picture"; picture: ImageBitmap | HTMLCanvasElement | OffscreenCanvas }
  /** Depth of field, strength from 0 to 1. */
  | { kind: "blur"; strength: number };

export type Backdrop = Exclude<Picture, HTMLVideoElement>;

/** RGB in [0, 1] of "#rgb" or "#rrggbb". Throws RangeError for anything else. */
export function parseColour(text: string): [number, number, number] {
  if (!/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)) {
    throw new RangeError(`${text} is not a colour; write it as #rrggbb, for example #20a0ff`);
  }
  const digits = text.length === 4 ? [...text.slice(1)].map((digit) => digit + digit) : text.slice(1).match(/../g)!;
  const [red, green, blue] = digits.map((pair) => parseInt(pair, 16) / 255);
  return [red!, green!, blue!];
}

/** The centred part of a picture that has the frame's aspect ratio: left, top, width, height, each in [0, 1]. */
export function coverPart(
  picture: { width: number; height: number },
  frame: { width: number; height: number },
): [number, number, number, number] {
  const scale = Math.min(picture.width / frame.width, picture.height / frame.height);
  const width = Math.min(1, (frame.width * scale) / picture.width);
  const height = Math.min(1, (frame.height * scale) / picture.height);
  return [(1 - width) / 2, (1 - height) / 2, width, height];
}
