import { PspmError } from "../errors.ts";
import { pictureSize } from "./picture_size.ts";

export type PhotoInput = Blob | ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | ImageData;

/** A photo that can be sent to a worker. */
export type PhotoSource = Blob | ImageBitmap | ImageData;

/** A photo in a form that can be sent to a worker. A file is not decoded here. Throws PspmError as `openPhoto`. */
export async function photoSource(photo: PhotoInput): Promise<PhotoSource> {
  const canBeSent = photo instanceof Blob || photo instanceof ImageBitmap || photo instanceof ImageData;
  return canBeSent ? photo : await decoded(photo, "The picture");
}

/**
 * Decode a picture in any format of the browser: upright, with straight alpha, in sRGB. The caller closes the bitmap.
 *
 * Throws PspmError if the file is not a picture, is damaged, or has more than `maxMegapixels`. The size is read from the
 * file's header, before decoding, if possible.
 */
export async function openPhoto(photo: PhotoSource, maxMegapixels: number): Promise<ImageBitmap> {
  const name = photo instanceof File && photo.name ? photo.name : "The picture";
  if (photo instanceof Blob) {
    if (!photo.size) throw new PspmError("photo", `${name} is empty; choose another photo.`);
    const size = pictureSize(new Uint8Array(await photo.slice(0, 1 << 18).arrayBuffer()));
    if (size) checkSize(name, size.width, size.height, maxMegapixels);
  }
  const bitmap = await decoded(photo, name);
  try {
    checkSize(name, bitmap.width, bitmap.height, maxMegapixels);
  } catch (error) {
    bitmap.close();
    throw error;
  }
  return bitmap;
}

async function decoded(photo: PhotoInput, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(photo, { imageOrientation: "from-image", premultiplyAlpha: "none" });
  } catch {
    throw new PspmError(
      "photo",
      `${name} is damaged or in a format that this browser cannot read; choose a JPEG, PNG or WebP picture.`,
    );
  }
}

function checkSize(name: string, width: number, height: number, maxMegapixels: number): void {
  const megapixels = (width * height) / 1e6;
  if (megapixels > maxMegapixels) {
    const found = megapixels.toFixed(megapixels < 10 ? 1 : 0);
    throw new PspmError(
      "huge",
      `${name} has ${found} megapixels, and the limit is ${maxMegapixels}; make it smaller.`,
    );
  }
}
