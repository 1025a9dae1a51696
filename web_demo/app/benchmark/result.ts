import type { Delegate, Size } from "../../src/index.ts";
import type { EffectName } from "./protocol.ts";
import type { Statistics } from "./statistics.ts";

/** The parts of a frame that are timed. */
export const STAGES = ["pre", "inference", "post", "total"] as const;

export interface Device {
  name: string;
  system: string;
  processor: string;
  cores: number;
}

/** A stage's statistics. Without p99 if there were too few rounds for it to mean anything. */
export type Times = Omit<Statistics, "p99"> & Partial<Statistics>;

export interface Model {
  name: string;
  sha256: string;
}

interface BeforeAndAfter {
  before: string;
  after: string;
}

export interface Measured {
  effect: EffectName;
  load_ms: number;
  first_frame_ms: number;
  warm_up: number;
  rounds: number;
  stages_ms: Record<(typeof STAGES)[number], Times>;
  fps: number;
  paced: { fps: number; seconds: number; frames: number; dropped: number };
  sustained?: {
    seconds: number;
    frames: number;
    fps: number;
    fps_first_tenth: number;
    fps_last_tenth: number;
    fps_tenths: number[];
  };
  memory_mb: number | null;
  thermal: BeforeAndAfter;
  power: BeforeAndAfter;
}

/** One configuration, measured or refused with the reason. */
export type Run = {
  engine: string;
  delegate: Delegate;
  precision: string;
  threads: number | null;
  size: [height: number, width: number];
  model: Model;
  effect: EffectName;
} & (Measured | { refused: string });

/** The benchmark's file, as bench.schema.json of the Python runtime defines it. */
export interface Result {
  schema: 2;
  pspm: string;
  app: "web";
  build: "release" | "debug";
  measured: string;
  /** The bundle of the live camera; each run names its own. */
  model: Model;
  device: Device;
  frame: Size & { content: string };
  runs: Run[];
}
