import type { Effect } from "../effect.ts";
import type { ErrorCode } from "../errors.ts";
import type { PhotoSource } from "../files/photo.ts";
import type { InputSize } from "../input_size.ts";
import type { Look } from "../looks/look.ts";
import type { Quality } from "../looks/quality.ts";
import type { Size } from "../size.ts";

/** What the page can ask the photo worker, and what it answers. A photo is named by a number of the page's choice. */
export interface Calls {
  /** Decode a photo. Answers its size, and a copy of at most 4096 pixels a side, as rows from the top. */
  open: { question: { photo: number; source: PhotoSource; maxMegapixels: number }; answer: OpenedPhoto };
  /** Look at a photo as often as the quality says. Needs `open`. */
  look: { question: { photo: number; rule: InputSize; quality: Quality }; answer: { looks: Look[]; personShare: number } };
  /** Alpha from 0 to 255 at the photo's resolution. Needs `look`. */
  alpha: { question: { photo: number }; answer: Uint8Array<ArrayBuffer> };
  /** An effect as a file, by default of its usual type. Needs `look`. */
  file: { question: { photo: number; effect: Effect; type: "image/png" | null }; answer: Blob };
  /** Free a photo. */
  close: { question: { photo: number }; answer: null };
}

export type CallName = keyof Calls;

export interface OpenedPhoto {
  size: Size;
  copy: Size;
  bands: ImageBitmap[];
}

/** An error as a message. code: of a PspmError. */
export interface Failure {
  name: string;
  code: ErrorCode | null;
  message: string;
}

export type Question =
  | { [Name in CallName]: { kind: Name; call: number } & Calls[Name]["question"] }[CallName]
  | { kind: "cancel"; call: number }
  /** The network's answer to a `run`. */
  | { kind: "ran"; run: number; alpha: Float32Array<ArrayBuffer> }
  | { kind: "not-ran"; run: number; failure: Failure };

export type Answer =
  | { [Name in CallName]: { kind: "done"; call: number; value: Calls[Name]["answer"] } }[CallName]
  | { kind: "failed"; call: number; failure: Failure }
  /** The share of a result that is done. */
  | { kind: "progress"; call: number; done: number }
  /** Asks the page to run the network on a view of RGBA bytes. */
  | { kind: "run"; call: number; run: number; size: Size; rgba: Uint8Array<ArrayBuffer> };
