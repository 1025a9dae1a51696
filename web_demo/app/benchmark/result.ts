import type { Delegate, Size } from "../../src/index.ts";
import type { Statistics } from "./statistics.ts";

/** The parts of a frame that are timed. */
export const STAGES = ["pre", "inference", "post", "total"] as const;

export interface Device {
  name: string;
  system: string;
  processor: string;
  cores: number;
}

export interface Measured {
  warm_up: number;
  rounds: number;
  stages_ms: Record<(typeof STAGES)[number], Statistics>;
  fps: number;
  sustained?: { seconds: number; frames: number; fps: number; fps_first_tenth: number; fps_last_tenth: number };
}

/** One configuration, measured or refused with the reason. */
export type Run = {
  engine: string;
  delegate: Delegate;
  precision: string;
  threads: number | null;
  size: [height: number, width: number];
} & (Measured | { refused: string });

/** The benchmark's file, as bench.schema.json of the Python runtime defines it. */
export interface Result {
  schema: 1;
  pspm: string;
  app: "web";
  measured: string;
  model: { name: string; sha256: string };
  device: Device;
  frame: Size;
  runs: Run[];
}
