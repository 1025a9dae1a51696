/** Worker that encodes a picture strip by strip. */

import { QUALITY } from "../constants.ts";
import type { EncoderAnswer, EncoderQuestion } from "./encoder.ts";
import { PngWriter } from "./png.ts";

interface PictureWriter {
  add(pixels: Uint8Array<ArrayBuffer>): Promise<void>;
  end(): Promise<Blob>;
}

let writer: PictureWriter | null = null;

onmessage = async ({ data }: MessageEvent<EncoderQuestion>) => {
  try {
    if (data.kind === "begin") {
      const { type, width, height, channels } = data;
      writer = type === "image/png" ? new PngWriter(width, height, channels) : new JpegWriter(width, height);
      answer({ kind: "taken" });
    } else if (data.kind === "strip") {
      await writer!.add(data.pixels);
      answer({ kind: "taken" });
    } else {
      answer({ kind: "file", file: await writer!.end() });
    }
  } catch (error) {
    answer({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
};

/** Encodes a JPEG with the browser's encoder, which needs a canvas of the whole picture. */
class JpegWriter implements PictureWriter {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  #top = 0;

  constructor(width: number, height: number) {
    this.#canvas = new OffscreenCanvas(width, height);
    this.#context = this.#canvas.getContext("2d", { alpha: false })!;
    // A canvas that is too large for the browser draws nothing.
    this.#context.fillStyle = "#ffffff";
    this.#context.fillRect(width - 1, height - 1, 1, 1);
    if (this.#context.getImageData(width - 1, height - 1, 1, 1).data[0] !== 255) throw new Error("the canvas is too large");
  }

  async add(pixels: Uint8Array<ArrayBuffer>): Promise<void> {
    const rows = new Uint8ClampedArray(pixels.buffer);
    const picture = new ImageData(rows, this.#canvas.width);
    this.#context.putImageData(picture, 0, this.#top);
    this.#top += picture.height;
  }

  async end(): Promise<Blob> {
    return await this.#canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY / 100 });
  }
}

function answer(message: EncoderAnswer): void {
  postMessage(message);
}
