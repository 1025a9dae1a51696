import type { CameraMatting, Delegate, FrameTimes, PortraitMatting } from "../../src/index.ts";
import { PspmError } from "../../src/index.ts";
import { text, threadsText } from "../language.ts";
import { type Use, loadModel } from "../models.ts";
import { describeDevice } from "./device.ts";
import { CONTENT, EFFECTS, type EffectName, FRAME, P99_FROM, PACED_FPS } from "./protocol.ts";
import { pace, sustain } from "./rates.ts";
import { type Measured, type Result, type Run, STAGES, type Times } from "./result.ts";
import { type Statistics, summary } from "./statistics.ts";

/** How much to measure with each effect. */
export interface Plan {
  warmUp: number;
  rounds: number;
  /** Seconds of frames at an even rate. */
  paced: number;
  /** Seconds of frames without a pause, after all else; 0 for none. */
  sustained: number;
}

interface Configuration {
  use: Use;
  delegate: Delegate;
  threads: number | null;
}

/** Measure every configuration that this browser may support, with every effect. */
export async function benchmark(photo: Blob, plan: Plan, onStep: (text: string) => void): Promise<Result> {
  const frame = await frameOf(photo);
  const cores = navigator.hardwareConcurrency || 1;
  const runs: Run[] = [];
  let model = { name: "", sha256: "" };
  let graphics = "";
  // Both bundles hold the same network. The file reports the camera's bundle, since frames are measured.
  for (const use of ["live", "photo"] as const) {
    for (const { delegate, threads } of configurationsOf(use, cores)) {
      const count = threads ? `, ${threadsText(threads)}` : "";
      onStep(`${delegate}${count}, ${use === "live" ? text("cameraModel") : text("photoModel")}`);
      let matting: PortraitMatting | null = null;
      const base = { engine: "LiteRT.js", delegate, precision: "fp32", threads, effect: "none" as EffectName, model };
      try {
        const start = performance.now();
        matting = await loadModel(use, { delegate, threads: threads ?? 1 });
        const loaded = performance.now() - start;
        graphics = matting.graphics;
        const { bundle, engine } = matting;
        const own = { name: bundle.name, sha256: bundle.sha256 };
        if (use === "live") model = own;
        const facts = { ...base, engine: engine.name, precision: bundle.precision, size: sizeOf(matting), model: own };
        if (threads && engine.threads !== threads) {
          const why = "threads need a cross-origin isolated page and a browser with relaxed SIMD";
          runs.push({ ...facts, refused: why });
        } else {
          for (const measured of await measure(matting, frame, loaded, plan)) runs.push({ ...facts, ...measured });
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
    schema: 2,
    pspm: __PSPM_VERSION__,
    app: "web",
    measured: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    model,
    device: await describeDevice(graphics),
    build: import.meta.env.DEV ? "debug" : "release",
    frame: { ...FRAME, content: CONTENT },
    runs,
  };
}

/** One thread, several threads, and the GPU: the configuration most likely to work first. */
function configurationsOf(use: Use, cores: number): Configuration[] {
  const configurations: Configuration[] = [{ use, delegate: "wasm", threads: 1 }];
  if (cores > 1) configurations.push({ use, delegate: "wasm", threads: Math.min(4, cores) });
  return [...configurations, { use, delegate: "webgpu", threads: null }];
}

/** The photo as a frame: scaled to cover it, cropped around its centre. */
async function frameOf(photo: Blob): Promise<ImageBitmap> {
  const whole = await createImageBitmap(photo);
  const scale = Math.max(FRAME.width / whole.width, FRAME.height / whole.height);
  const [width, height] = [FRAME.width / scale, FRAME.height / scale];
  const [left, top] = [(whole.width - width) / 2, (whole.height - height) / 2];
  const size = { resizeWidth: FRAME.width, resizeHeight: FRAME.height };
  const frame = await createImageBitmap(whole, left, top, width, height, { ...size, resizeQuality: "high" });
  whole.close();
  return frame;
}

async function measure(matting: PortraitMatting, frame: ImageBitmap, loaded: number, plan: Plan): Promise<Measured[]> {
  const camera = matting.camera();
  Object.assign(matting.canvas, FRAME);
  const results: Measured[] = [];
  try {
    const { total } = await run(camera, frame, "none");
    for (const effect of Object.keys(EFFECTS) as EffectName[]) {
      const one = () => run(camera, frame, effect);
      for (let i = 0; i < plan.warmUp; i++) await one();
      const frames: FrameTimes[] = [];
      for (let i = 0; i < plan.rounds; i++) frames.push(await one());
      const stages = STAGES.map((stage) => [stage, timesOf(frames.map((times) => times[stage]))] as const);
      const stagesMs = Object.fromEntries(stages) as Measured["stages_ms"];
      const measured: Measured = {
        effect,
        load_ms: loaded,
        first_frame_ms: total,
        warm_up: plan.warmUp,
        rounds: plan.rounds,
        stages_ms: stagesMs,
        fps: 1000 / stagesMs.total.mean,
        paced: await pace(one, PACED_FPS, plan.paced),
        // Browsers keep memory, heat and power to themselves.
        memory_mb: null,
        thermal: { before: "unknown", after: "unknown" },
        power: { before: "unknown", after: "unknown" },
      };
      if (plan.sustained) measured.sustained = await sustain(one, plan.sustained);
      results.push(measured);
    }
    return results;
  } finally {
    camera.close();
  }
}

function run(camera: CameraMatting, frame: ImageBitmap, effect: EffectName): Promise<FrameTimes> {
  return camera.frame(frame, EFFECTS[effect], { measure: true });
}

function timesOf(samples: readonly number[]): Times {
  const { p99, ...times }: Statistics = summary(samples);
  return samples.length < P99_FROM ? times : { ...times, p99 };
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
