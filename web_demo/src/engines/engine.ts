import type { Bundle } from "../bundle.ts";
import type { Size } from "../size.ts";

export type Delegate = "webgpu" | "wasm";

/** Runs the network. To add another engine than LiteRT.js, implement this interface. */
export interface Engine {
  /** Name and version. */
  readonly name: string;
  readonly delegate: Delegate;
  /** Threads of the wasm build; 1 if the page is not cross-origin isolated. */
  readonly threads: number;
  /** Alpha in [0, 1], row by row, for the RGBA bytes of a view. */
  run(rgba: Uint8Array, size: Size): Promise<Float32Array<ArrayBuffer>>;
  close(): void;
}

export interface EngineOptions {
  /** "auto": WebGPU if it gives the same matte as wasm and is faster, else wasm. */
  delegate: Delegate | "auto";
  /** null: one per core, at most four. */
  threads: number | null;
}

/** RGBA bytes to the network's input, float32 (1, H, W, 3): (x / 255 - mean) / std. */
export function normalise(rgba: Uint8Array, { mean, std }: Bundle): Float32Array<ArrayBuffer> {
  const input = new Float32Array((rgba.length / 4) * 3);
  const scale = std.map((x) => 1 / (255 * x));
  const shift = mean.map((x, c) => -x / std[c]!);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    input[to] = rgba[from]! * scale[0]! + shift[0]!;
    input[to + 1] = rgba[from + 1]! * scale[1]! + shift[1]!;
    input[to + 2] = rgba[from + 2]! * scale[2]! + shift[2]!;
  }
  return input;
}
