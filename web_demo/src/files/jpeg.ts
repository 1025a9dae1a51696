import { QUALITY } from "../constants.ts";

/** Encodes a JPEG with the browser's encoder, which needs a canvas of the whole picture. Takes RGBA. */
export class JpegWriter {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  #top = 0;

  /** Throws an error if the picture is too large for a canvas of this browser. */
  constructor(width: number, height: number) {
    this.#canvas = new OffscreenCanvas(width, height);
    this.#context = this.#canvas.getContext("2d", { alpha: false })!;
    // A canvas that is too large for the browser draws nothing.
    this.#context.fillStyle = "#ffffff";
    this.#context.fillRect(width - 1, height - 1, 1, 1);
    if (this.#context.getImageData(width - 1, height - 1, 1, 1).data[0] !== 255) throw new Error("the canvas is too large");
  }

  /** Add whole rows. */
  async add(rows: Uint8Array<ArrayBuffer>): Promise<void> {
    const picture = new ImageData(new Uint8ClampedArray(rows.buffer), this.#canvas.width);
    this.#context.putImageData(picture, 0, this.#top);
    this.#top += picture.height;
  }

  /** The finished file. */
  async end(): Promise<Blob> {
    return await this.#canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY / 100 });
  }
}
