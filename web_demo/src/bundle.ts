import { PspmError } from "./errors.ts";
import { fetchFresh } from "./files/assets.ts";
import type { InputSize } from "./input_size.ts";
import type { Size } from "./size.ts";

/** A model file and what its manifest.json says about it. manifest.schema.json describes all entries. */
export interface Bundle {
  name: string;
  /** Address of the model file. */
  model: string;
  precision: string;
  sha256: string;
  /** Size of the model file, for the progress bar; 0 if the manifest lacks it. */
  bytes: number;
  mean: [number, number, number];
  std: [number, number, number];
  size: InputSize;
  licence: string;
  data: string;
}

type Json = Record<string, unknown>;

/** Read the manifest of a bundle's folder. Throws PspmError if it is missing or does not describe a TFLite bundle. */
export async function openBundle(folder: URL): Promise<Bundle> {
  return await fetchFresh(new URL("manifest.json", folder), (text) => readManifest(text, folder));
}

function readManifest(text: string, folder: URL): Bundle {
  let facts: Json;
  try {
    facts = JSON.parse(text) as Json;
  } catch {
    throw new PspmError("manifest", "The model's manifest is not JSON; copy the whole bundle to the server again.");
  }
  const input = object(facts["input"], "input");
  const size = object(input["size"], "input.size");
  const format = facts["format"] ?? "onnx";
  if (format !== "tflite" || input["layout"] !== "NHWC" || (input["type"] ?? "float32") !== "float32") {
    throw new PspmError("manifest", `The model is ${String(format)}; export it with --format tflite and float input.`);
  }
  const sha256 = string(facts["sha256"], "sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw broken("sha256");
  return {
    name: string(facts["name"], "name"),
    model: modelAddress(string(facts["file"], "file"), folder, sha256),
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

/** The address holds the hash, so that a cache never takes an old model for a new one. */
function modelAddress(file: string, folder: URL, sha256: string): string {
  const model = new URL(file, folder);
  model.searchParams.set("sha256", sha256);
  return model.href;
}

function broken(entry: string): PspmError {
  return new PspmError("manifest", `The model's manifest lacks a valid "${entry}"; export the model again.`);
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
