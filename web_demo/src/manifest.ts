import { PspmError } from "./errors.ts";

export interface Size {
  width: number;
  height: number;
}

/** What manifest.json of a bundle says, as far as the browser needs it; manifest.schema.json has all of it. */
export interface Manifest {
  name: string;
  file: string;
  precision: string;
  sha256: string;
  /** Bytes of the file, for the progress bar; 0 where the manifest does not say. */
  bytes: number;
  mean: [number, number, number];
  std: [number, number, number];
  /** The size rule: area side * side, sides multiples of `multiple` and at most `longest`; or one of `sizes`. */
  size: { side: number; multiple: number; longest: number; sizes: Size[] };
  licence: string;
  data: string;
}

type Json = Record<string, unknown>;

/** A manifest of a TFLite bundle. Throws PspmError for anything else. */
export function readManifest(text: string): Manifest {
  let facts: Json;
  try {
    facts = JSON.parse(text) as Json;
  } catch {
    throw new PspmError("manifest", "The model's manifest is not JSON; put the whole bundle on the server again.");
  }
  const input = object(facts["input"], "input");
  const size = object(input["size"], "input.size");
  const format = facts["format"] ?? "onnx";
  if (format !== "tflite" || input["layout"] !== "NHWC" || (input["type"] ?? "float32") !== "float32") {
    throw new PspmError("manifest", `The model is ${String(format)}; export it with --format tflite in floats.`);
  }
  const sha256 = string(facts["sha256"], "sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw broken("sha256");
  return {
    name: string(facts["name"], "name"),
    file: string(facts["file"], "file"),
    precision: string(facts["precision"] ?? "fp16-weights", "precision"),
    sha256,
    bytes: typeof facts["bytes"] === "number" ? facts["bytes"] : 0,
    mean: channels(input["mean"], "input.mean"),
    std: channels(input["std"], "input.std"),
    size: {
      side: whole(size["side"], "input.size.side"),
      multiple: whole(size["multiple"], "input.size.multiple"),
      longest: whole(size["longest"], "input.size.longest"),
      sizes: sizes(size["sizes"]),
    },
    licence: string(facts["licence"], "licence"),
    data: string(facts["data"], "data"),
  };
}

/** The size at which the network sees a photo: its aspect ratio as nearly as the rule allows. */
export function fit(rule: Manifest["size"], width: number, height: number): Size {
  if (rule.sizes.length) {
    const stretch = (size: Size) => Math.abs(Math.log((size.width * height) / (size.height * width)));
    return rule.sizes.reduce((best, size) => (stretch(size) < stretch(best) ? size : best));
  }
  const scale = Math.min(rule.side / Math.sqrt(width * height), rule.longest / Math.max(width, height));
  const rounded = (length: number) =>
    Math.max(rule.multiple, roundHalfToEven((length * scale) / rule.multiple) * rule.multiple);
  return { width: rounded(width), height: rounded(height) };
}

/** As Python rounds, so that both sides of a tie go the same way. */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + (below % 2) : Math.round(x);
}

function broken(entry: string): PspmError {
  return new PspmError("manifest", `The model's manifest has no usable "${entry}"; export the model again.`);
}

function object(x: unknown, entry: string): Json {
  if (typeof x !== "object" || x === null) throw broken(entry);
  return x as Json;
}

function string(x: unknown, entry: string): string {
  if (typeof x !== "string" || !x) throw broken(entry);
  return x;
}

function whole(x: unknown, entry: string): number {
  if (!Number.isInteger(x) || (x as number) < 1) throw broken(entry);
  return x as number;
}

function channels(x: unknown, entry: string): [number, number, number] {
  if (!Array.isArray(x) || x.length !== 3 || !x.every((value) => Number.isFinite(value))) throw broken(entry);
  return x as [number, number, number];
}

function sizes(x: unknown): Size[] {
  if (x === undefined) return [];
  if (!Array.isArray(x) || !x.length) throw broken("input.size.sizes");
  return x.map((size: Json) => ({ width: whole(size["width"], "sizes"), height: whole(size["height"], "sizes") }));
}
