/** Runs in the browser: the matte of a photo from the models of its looks. */

import type { Gpu } from "../src/gpu.ts";
import { BackgroundTexture } from "../src/stages/compose/background_texture.ts";
import { MattedPhoto, PHOTO_DETAIL } from "../src/stages/matted_photo.ts";
import type { Refined } from "../src/stages/refine/refine.ts";
import { type Numbers, red, sizeOf, textureOf } from "./inputs.ts";

export async function matteOf(gpu: Gpu, image: Numbers, refined: Refined): Promise<Uint8Array> {
  const size = sizeOf(image);
  const photo = { texture: textureOf(gpu, image), size };
  const matted = new MattedPhoto(gpu, photo, refined, new BackgroundTexture(gpu), PHOTO_DETAIL);
  try {
    return red(await matted.read({ kind: "matte" }, [0, 0, size.width, size.height], null));
  } finally {
    matted.close();
    gpu.free(photo.texture);
  }
}
