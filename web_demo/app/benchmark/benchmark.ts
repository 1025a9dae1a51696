import type { Delegate, Effect, FrameTimes, PortraitMatting } from "../../src/index.ts";
import { PspmError } from "../../src/index.ts";
import { type Use, loadModel } from "../models.ts";
import { describeDevice } from "./device.ts";
import { type Measured, type Result, type Run, STAGES } from "./result.ts";
import { summary } from "./statistics.ts";

const FRAME = { width: 1280, height: 720 };
const GREEN: Effect = { kind: "colour", colour: "#00a050" };

/** How much to measure. */
export interface Plan {
  warmUp: number;
  rounds: number;
  /** Seconds of continuous frames after the rounds; 0 for none. */
  sustained: number;
}

interface Configuration {
  use: Use;
  delegate: Delegate;
  threads: number | null;
}

/** Measure every configuration that this browser may support. The photo is stretched to the size of a camera frame. */
export async function benchmark(photo: Blob, plan: Plan, onStep: (text: string) => void): Promise<Result> {
  const frame = await createImageBitmap(photo, { resizeWidth: FRAME.width, resizeHeight: FRAME.height });
  const cores = navigator.hardwareConcurrency || 1;
  const runs: Run[] = [];
  let model = { name: "", sha256: "" };
  let graphics = "";
  // Both bundles hold the same network. The file reports the camera's bundle, since frames are measured.
  for (const use of ["live", "photo"] as const) {
    for (const { delegate, threads } of configurationsOf(use, cores)) {
      const count = threads ? `, ${threads} ${threads > 1 ? "threads" : "thread"}` : "";
      onStep(`${delegate}${count}, ${use === "live" ? "camera" : "photo"} model`);
      let matting: PortraitMatting | null = null;
      const base = { engine: "LiteRT.js", delegate, precision: "fp32", threads };
      try {
        matting = await loadModel(use, { delegate, threads: threads ?? 1 });
        graphics = matting.graphics;
        const { bundle, engine } = matting;
        if (use === "live") model = { name: bundle.name, sha256: bundle.sha256 };
        const facts = { ...base, engine: engine.name, precision: bundle.precision, size: sizeOf(matting) };
        if (threads && engine.threads !== threads) {
          const why = "threads need a cross-origin isolated page and a browser with relaxed SIMD";
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

/** One thread, several threads, and the GPU: the configuration most likely to work first. */
function configurationsOf(use: Use, cores: number): Configuration[] {
  const configurations: Configuration[] = [{ use, delegate: "wasm", threads: 1 }];
  if (cores > 1) configurations.push({ use, delegate: "wasm", threads: Math.min(4, cores) });
  return [...configurations, { use, delegate: "webgpu", threads: null }];
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

function sizeOf({ bundle }: PortraitMatting): [number, number] {
  const [first] = bundle.size.sizes;
  return [first?.height ?? bundle.size.side, first?.width ?? bundle.size.side];
}

/** Size of the view, from the wasm run before. */
function sideOf(use: Use, runs: readonly Run[]): [number, number] {
  const before = runs.slice(use === "live" ? 0 : Math.floor(runs.length / 2)).at(-1);
  return before?.size ?? [1, 1];
}

function pick(run: Run | undefined): Partial<Run> {
  return run ? { engine: run.engine, precision: run.precision } : {};
}
