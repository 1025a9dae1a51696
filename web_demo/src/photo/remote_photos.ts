import type { BackgroundPicture, Effect } from "../effect.ts";
import { PspmError } from "../errors.ts";
import type { PhotoSource } from "../files/photo.ts";
import type { InputSize } from "../input_size.ts";
import type { Quality } from "../looks/quality.ts";
import type { Size } from "../size.ts";
import { failureOf, problemOf } from "./failure.ts";
import type { Answer, CallName, Calls, Question } from "./messages.ts";

/** Runs the network on RGBA bytes, which it takes away. */
export type Run = (rgba: Uint8Array<ArrayBuffer>, size: Size) => Promise<Float32Array<ArrayBuffer>>;

export interface ResultOptions {
  /** Called with the share of the result that is done, from 0 to 1. */
  onProgress?: (done: number) => void;
  /** Stops the work; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

interface CallOptions extends ResultOptions {
  run?: Run;
}

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
  options: CallOptions;
}

/** Photos in a worker, which looks at them and makes their results. */
export class RemotePhotos {
  readonly #worker = new Worker(new URL("./photo_worker.ts", import.meta.url), { name: "pspm-photo" });
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#answered(data);
    this.#worker.onerror = (event) => {
      this.#failAll(new PspmError("engine", `A worker stopped (${event.message || "no reason given"}); reload the page.`));
    };
  }

  /** Decode a photo. Throws PspmError if it cannot be read or is too large. */
  async open(source: PhotoSource, maxMegapixels: number, options: ResultOptions): Promise<OpenRemotePhoto> {
    const photo = ++this.#last;
    const opened = await this.#ask("open", { photo, source, maxMegapixels }, options);
    return new OpenRemotePhoto(photo, opened, (name, question, more) => this.#ask(name, question, more));
  }

  close(): void {
    this.#worker.terminate();
    this.#failAll(new PspmError("engine", "The model was closed while it was running."));
  }

  async #ask<Name extends CallName>(
    kind: Name,
    question: Calls[Name]["question"],
    options: CallOptions = {},
    transfer: Transferable[] = [],
  ): Promise<Calls[Name]["answer"]> {
    const { signal } = options;
    signal?.throwIfAborted();
    const call = ++this.#last;
    const stop = () => {
      this.#waiting.get(call)?.reject(signal!.reason);
      this.#waiting.delete(call);
      this.#send({ kind: "cancel", call });
    };
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await new Promise<Calls[Name]["answer"]>((resolve, reject) => {
        this.#waiting.set(call, { resolve, reject, options });
        this.#send({ kind, call, ...question } as Question, transfer);
      });
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.call);
    if (answer.kind === "progress") return waiting?.options.onProgress?.(answer.done);
    if (answer.kind === "run") return void this.#run(answer, waiting?.options.run);
    this.#waiting.delete(answer.call);
    if (answer.kind === "done") waiting?.resolve(answer.value as never);
    else waiting?.reject(problemOf(answer.failure));
  }

  async #run({ run, rgba, size }: Answer & { kind: "run" }, network: Run | undefined): Promise<void> {
    // Cancelled: the worker waits no longer.
    if (!network) return;
    try {
      const alpha = await network(rgba, size);
      this.#send({ kind: "ran", run, alpha }, [alpha.buffer]);
    } catch (error) {
      this.#send({ kind: "not-ran", run, failure: failureOf(error) });
    }
  }

  #send(question: Question, transfer: Transferable[] = []): void {
    this.#worker.postMessage(question, transfer);
  }

  #failAll(error: PspmError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

type Ask = <Name extends CallName>(
  name: Name,
  question: Calls[Name]["question"],
  options?: CallOptions,
) => Promise<Calls[Name]["answer"]>;

/** A photo that the worker has decoded. `close` it when done. */
export class OpenRemotePhoto {
  readonly size: Size;
  /** Size of a copy of at most 4096 pixels a side, and its rows from the top, to close after use. */
  readonly copy: Size;
  readonly bands: readonly ImageBitmap[];
  readonly #photo: number;
  readonly #ask: Ask;

  constructor(photo: number, { size, copy, bands }: Calls["open"]["answer"], ask: Ask) {
    this.size = size;
    this.copy = copy;
    this.bands = bands;
    this.#photo = photo;
    this.#ask = ask;
  }

  /** Look at the photo as often as the quality says, through a network of a size rule. */
  async look(rule: InputSize, quality: Quality, run: Run, options: ResultOptions): Promise<Calls["look"]["answer"]> {
    return await this.#ask("look", { photo: this.#photo, rule, quality }, { ...options, run });
  }

  /** Alpha from 0 to 255, row by row, at the photo's resolution. Look at the photo first. */
  async alpha(options: ResultOptions): Promise<Uint8Array> {
    return await this.#ask("alpha", { photo: this.#photo }, options);
  }

  /** An effect as a file; type: null for the effect's usual one. Look at the photo first. */
  async file(effect: Effect, type: "image/png" | null, options: ResultOptions): Promise<Blob> {
    const sent = effect.kind === "picture" ? { ...effect, picture: await copyOf(effect.picture) } : effect;
    return await this.#ask("file", { photo: this.#photo, effect: sent, type }, options);
  }

  close(): void {
    // Work on it has been cancelled, or ends first. If the worker is gone, so is the photo.
    void this.#ask("close", { photo: this.#photo }).catch(() => undefined);
  }
}

async function copyOf(picture: BackgroundPicture): Promise<ImageBitmap> {
  return picture instanceof ImageBitmap ? picture : await createImageBitmap(picture, { premultiplyAlpha: "none" });
}
