import type { Effect } from "./effect.ts";
import type { Gpu } from "./gpu.ts";
import type { OpenRemotePhoto, ResultOptions } from "./photo/remote_photos.ts";
import type { MattedPhoto } from "./stages/matted_photo.ts";
import type { PhotoTexture } from "./stages/photo_texture.ts";

export interface FileOptions extends ResultOptions {
  /** Ask for a PNG where the default is JPEG. */
  type?: "image/png";
}

/** A photo and its matte. Makes every result at the photo's resolution. `close` it when done. */
export class Matte {
  readonly width: number;
  readonly height: number;
  /** Mean alpha. Below `PERSON_SHARE` there is no person in the photo. */
  readonly personShare: number;
  readonly #gpu: Gpu;
  readonly #remote: OpenRemotePhoto;
  readonly #photo: PhotoTexture;
  readonly #matted: MattedPhoto;

  /** @internal */
  constructor(gpu: Gpu, remote: OpenRemotePhoto, photo: PhotoTexture, matted: MattedPhoto, personShare: number) {
    this.width = remote.size.width;
    this.height = remote.size.height;
    this.personShare = personShare;
    this.#gpu = gpu;
    this.#remote = remote;
    this.#photo = photo;
    this.#matted = matted;
  }

  /** Draw an effect on the canvas of the `PortraitMatting`, at the canvas's size. */
  show(effect: Effect): void {
    this.#matted.show(effect, false);
  }

  /** Alpha from 0 to 255, row by row, at the photo's resolution. */
  async alpha(options: ResultOptions = {}): Promise<Uint8Array> {
    return await this.#remote.alpha(options);
  }

  /**
   * An effect as a file: the matte as a grey PNG, the cut-out as an RGBA PNG with straight alpha and estimated foreground
   * colours, anything else as JPEG, or as PNG if that is asked for or the picture is too large for the browser's JPEGs.
   *
   * A worker draws and encodes it, so the page stays responsive.
   */
  async file(effect: Effect, options: FileOptions = {}): Promise<Blob> {
    return await this.#remote.file(effect, options.type ?? null, options);
  }

  close(): void {
    this.#matted.close();
    this.#gpu.free(this.#photo.texture);
    this.#remote.close();
  }
}
