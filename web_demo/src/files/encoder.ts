import { PspmError } from "../errors.ts";

/** A picture to encode; `strip` gives its next rows from the top. */
export type EncoderQuestion =
  | { kind: "begin"; type: "image/png" | "image/jpeg"; width: number; height: number; channels: 1 | 3 | 4 }
  | { kind: "strip"; pixels: Uint8Array<ArrayBuffer> }
  | { kind: "end" };

export type EncoderAnswer = { kind: "taken" } | { kind: "file"; file: Blob } | { kind: "failed"; message: string };

/** Encodes one picture as PNG or JPEG in a worker, so that the page stays responsive. */
export class Encoder {
  readonly #worker = new Worker(new URL("./encoder_worker.ts", import.meta.url), { name: "pspm-encoder" });

  /** Begin a picture. JPEG takes 4 channels, PNG 1 (grey), 3 (RGB) or 4 (RGBA with straight alpha). */
  async begin(
    type: "image/png" | "image/jpeg",
    width: number,
    height: number,
    channels: 1 | 3 | 4,
  ): Promise<void> {
    await this.#ask({ kind: "begin", type, width, height, channels });
  }

  /** Add whole rows, channels interleaved. The array is moved to the worker. Resolves when it has taken them. */
  async add(pixels: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#ask({ kind: "strip", pixels }, [pixels.buffer]);
  }

  /** The finished file. */
  async end(): Promise<Blob> {
    const answer = await this.#ask({ kind: "end" });
    if (answer.kind !== "file") throw new PspmError("engine", "The file could not be written; try again.");
    return answer.file;
  }

  close(): void {
    this.#worker.terminate();
  }

  async #ask(question: EncoderQuestion, transfer: Transferable[] = []): Promise<EncoderAnswer> {
    return await new Promise((resolve, reject) => {
      const fail = (reason: string) =>
        reject(new PspmError("engine", `The file could not be written (${reason}); try again or use a smaller photo.`));
      this.#worker.onerror = (event) => fail(event.message || "the encoder did not start");
      this.#worker.onmessage = ({ data }: MessageEvent<EncoderAnswer>) => {
        if (data.kind === "failed") fail(data.message);
        else resolve(data);
      };
      this.#worker.postMessage(question, transfer);
    });
  }
}
