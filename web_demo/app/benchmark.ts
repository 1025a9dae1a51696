import type { Delegate, Effect, FrameTimes, PortraitMatting } from "../src/index.ts";
import { PspmError } from "../src/index.ts";
import { describeDevice } from "./device.ts";
import { type Use, loadModel } from "./models.ts";
import { type Stage, summary } from "./summary.ts";

export const FRAME = { width: 1280, height: 720 };
const GREEN: Effect = { kind: "colour", colour: "#00a050" };
const STAGES = ["pre", "inference", "post", "total"] as const;

/** How much is measured. */
export interface Plan {
  warmUp: number;
  rounds: number;
  /** Seconds of frames as fast as they go; 0 for none. */
  sustained: number;
}

interface Measured {
  warm_up: number;
  rounds: number;
  stages_ms: Record<(typeof STAGES)[number], Stage>;
  fps: number;
  sustained?: { seconds: number; frames: number; fps: number; fps_first_tenth: number; fps_last_tenth: number };
}

/** As runtime/pspm_runtime/bench.schema.json has it. */
export type Run = {
  engine: string;
  delegate: Delegate;
  precision: string;
  threads: number | null;
  size: [height: number, width: number];
} & (Measured | { refused: string });

export interface Result {
  schema: 1;
  pspm: string;
  app: "web";
  measured: string;
  model: { name: string; sha256: string };
  device: { name: string; system: string; processor: string; cores: number };
  frame: typeof FRAME;
  runs: Run[];
}

interface Way {
  use: Use;
  delegate: Delegate;
  threads: number | null;
}

/** Measure every way in which this browser may run the network. The photo is stretched to a camera's frame. */
export async function benchmark(photo: Blob, plan: Plan, onStep: (text: string) => void): Promise<Result> {
  const frame = await createImageBitmap(photo, { resizeWidth: FRAME.width, resizeHeight: FRAME.height });
  const cores = navigator.hardwareConcurrency || 1;
  const runs: Run[] = [];
  let model = { name: "", sha256: "" };
  let graphics = "";
  // The two sizes are files of the same network; the one for the camera, which is what frames are for, names the model.
  for (const use of ["live", "photo"] as const) {
    for (const way of waysOf(use, cores)) {
      onStep(`${way.delegate}, ${way.threads ?? "its own"} threads, for the ${use === "live" ? "camera" : "photos"}`);
      let matting: PortraitMatting | null = null;
      const base = { engine: "LiteRT.js", delegate: way.delegate, precision: "fp32", threads: way.threads };
      try {
        matting = await loadModel(use, { delegate: way.delegate, threads: way.threads ?? 1 });
        graphics = matting.graphics;
        const { manifest, engine } = matting;
        if (use === "live") model = { name: manifest.name, sha256: manifest.sha256 };
        const facts = { ...base, engine: engine.name, precision: manifest.precision, size: sizeOf(matting) };
        if (way.threads && engine.threads !== way.threads) {
          const why = "threads need a page that is cross-origin isolated and a browser with relaxed SIMD";
          runs.push({ ...facts, refused: why });
        } else {
          runs.push({ ...facts, ...(await measure(matting, frame, plan)) });
        }
      } catch (error) {
        if (!(error instanceof PspmError) || !["engine", "graphics"].includes(error.code)) throw error;
        const known = runs.find((run) => "fps" in run);
        runs.push({ ...base, ...pick(known), size: sideOf(use, runs), refused: error.message });
      } finally {
        matting?.close();
      }
    }
  }
  frame.close();
  return {
    schema: 1,
    pspm: __PSPM_VERSION__,
    app: "web",
    measured: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    model,
    device: await describeDevice(graphics),
    frame: FRAME,
    runs,
  };
}

/** One thread, several, and the GPU, in the order in which they are likely to work. */
function waysOf(use: Use, cores: number): Way[] {
  const ways: Way[] = [{ use, delegate: "wasm", threads: 1 }];
  if (cores > 1) ways.push({ use, delegate: "wasm", threads: Math.min(4, cores) });
  return [...ways, { use, delegate: "webgpu", threads: null }];
}

async function measure(matting: PortraitMatting, frame: ImageBitmap, plan: Plan): Promise<Measured> {
  const camera = matting.camera();
  Object.assign(matting.canvas, FRAME);
  try {
    const one = () => camera.frame(frame, GREEN, { measure: true });
    for (let i = 0; i < plan.warmUp; i++) await one();
    const frames: FrameTimes[] = [];
    for (let i = 0; i < plan.rounds; i++) frames.push(await one());
    const stages = STAGES.map((stage) => [stage, summary(frames.map((times) => times[stage]))] as const);
    const stagesMs = Object.fromEntries(stages) as Measured["stages_ms"];
    const measured: Measured = {
      warm_up: plan.warmUp,
      rounds: plan.rounds,
      stages_ms: stagesMs,
      fps: 1000 / stagesMs.total.mean,
    };
    if (plan.sustained) measured.sustained = await sustain(one, plan.sustained);
    return measured;
  } finally {
    camera.close();
  }
}

async function sustain(one: () => Promise<unknown>, seconds: number): Promise<NonNullable<Measured["sustained"]>> {
  const start = performance.now();
  const ends: number[] = [];
  do {
    await one();
    ends.push((performance.now() - start) / 1000);
  } while (ends.at(-1)! < seconds);
  const whole = ends.at(-1)!;
  const tenth = whole / 10;
  return {
    seconds: whole,
    frames: ends.length,
    fps: ends.length / whole,
    fps_first_tenth: ends.filter((end) => end <= tenth).length / tenth,
    fps_last_tenth: ends.filter((end) => end > whole - tenth).length / tenth,
  };
}

function sizeOf({ manifest }: PortraitMatting): [number, number] {
  const [first] = manifest.size.sizes;
  return [first?.height ?? manifest.size.side, first?.width ?? manifest.size.side];
}

/** wasm came first and said the size. */
function sideOf(use: Use, runs: readonly Run[]): [number, number] {
  const before = runs.slice(use === "live" ? 0 : Math.floor(runs.length / 2)).at(-1);
  return before?.size ?? [1, 1];
}

function pick(run: Run | undefined): Partial<Run> {
  return run ? { engine: run.engine, precision: run.precision } : {};
}
