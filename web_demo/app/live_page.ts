import { type CameraMatting, type PortraitMatting, QUALITY } from "../src/index.ts";
import { CameraFrames } from "./camera_frames.ts";
import { CameraSize } from "./camera_size.ts";
import type { Controls } from "./controls.ts";
import { element } from "./element.ts";
import { text } from "./language.ts";
import { describeError, hideMessage, showMessage } from "./message.ts";
import { Pace, describeRates } from "./pace.ts";
import { Recorder } from "./recorder.ts";
import { save } from "./save.ts";
import { ScreenLock } from "./screen_lock.ts";

/** The Live tab: shows the camera with an effect and takes pictures. */
export class LivePage {
  readonly #matting: () => Promise<PortraitMatting>;
  readonly #controls: Controls;
  readonly #canvas = element("live-canvas", HTMLCanvasElement);
  readonly #stage = element("live-stage");
  readonly #video = document.createElement("video");
  #stream: MediaStream | null = null;
  #facing: "user" | "environment" = "user";
  readonly #screen = new ScreenLock();
  readonly #size = new CameraSize(() => {
    if (this.#stream) void this.start();
  });
  #recorder: Recorder | null = null;
  #turn = 0;

  constructor(matting: () => Promise<PortraitMatting>, controls: Controls) {
    this.#matting = matting;
    this.#controls = controls;
    this.#stage.classList.add("empty");
    this.#video.muted = this.#video.playsInline = true;
    element("live-start").onclick = () => void this.start();
    element("live-stop").onclick = () => this.stop();
    element("live-shot").onclick = () => this.shoot();
    element("live-record").hidden = !Recorder.supported;
    element("live-record").onclick = () => void this.record();
    element("live-turn").onclick = () => {
      this.#facing = this.#facing === "user" ? "environment" : "user";
      void this.start();
    };
    // Stop the camera when the page is hidden.
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
  }

  async start(): Promise<void> {
    this.stop();
    hideMessage();
    const turn = ++this.#turn;
    const start = element("live-start", HTMLButtonElement);
    start.disabled = true;
    try {
      const stream = await openCamera(this.#facing, this.#size.wanted);
      if (turn !== this.#turn) return close(stream);
      this.#stream = stream;
      const [track] = stream.getVideoTracks();
      track!.addEventListener("ended", () => {
        if (turn !== this.#turn) return;
        this.stop();
        showMessage(text("cameraStopped"), () => void this.start());
      });
      this.#video.srcObject = stream;
      await this.#video.play();
      const matting = await this.#matting();
      if (turn !== this.#turn) return;
      await this.#showTurnButton();
      await this.#run(matting.camera(), turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.stop();
      const [sentence, again] = explain(error);
      showMessage(sentence, again ? () => void this.start() : undefined);
    } finally {
      start.disabled = false;
    }
  }

  stop(): void {
    this.#turn++;
    void this.#endRecording();
    void this.#screen.release();
    if (this.#stream) close(this.#stream);
    this.#stream = this.#video.srcObject = null;
    this.#running(false);
  }

  /** Start to record what the page shows, or end the recording and save it. */
  async record(): Promise<void> {
    if (this.#recorder) return await this.#endRecording();
    try {
      this.#recorder = new Recorder(this.#canvas, () => void this.#endRecording());
    } catch {
      showMessage(text("noRecording"));
    }
    this.#showRecording();
  }

  shoot(): void {
    this.#canvas.toBlob(
      (blob) => {
        if (blob) save(blob, nameOf(blob));
        else showMessage(text("pictureNotSaved"));
      },
      this.#controls.effect.kind === "cutout" ? "image/png" : "image/jpeg",
      QUALITY / 100,
    );
  }

  async #run(camera: CameraMatting, turn: number): Promise<void> {
    const frames = new CameraFrames(this.#video);
    const pace = new Pace();
    await this.#screen.hold();
    try {
      while (turn === this.#turn) {
        const fresh = await frames.next();
        const { videoWidth, videoHeight } = this.#video;
        if (turn !== this.#turn || !videoWidth || !fresh) continue;
        if (this.#canvas.width !== videoWidth || this.#canvas.height !== videoHeight) {
          Object.assign(this.#canvas, { width: videoWidth, height: videoHeight });
          this.#stage.classList.toggle("upright", videoHeight > videoWidth);
          this.#stage.style.setProperty("--ratio", String(videoWidth / videoHeight));
        }
        const times = await camera.frame(this.#video, this.#controls.effect, { mirror: this.#facing === "user" });
        // `stop` may have been called while the network ran.
        if (turn !== this.#turn) break;
        this.#running(true);
        const rates = pace.add(times, frames.given, performance.now());
        if (rates) element("live-readout").textContent = describeRates(rates);
      }
    } finally {
      frames.close();
      camera.close();
    }
  }

  async #endRecording(): Promise<void> {
    const recorder = this.#recorder;
    this.#recorder = null;
    this.#showRecording();
    const video = await recorder?.stop();
    if (!video) return;
    if (video.size) save(video, nameOf(video));
    else showMessage(text("nothingRecorded"));
  }

  #showRecording(): void {
    element("live-record").setAttribute("aria-pressed", String(this.#recorder !== null));
  }

  #running(running: boolean): void {
    this.#stage.classList.toggle("empty", !running);
    element("live-welcome").hidden = running;
    if (running) this.#size.compare(this.#canvas.width, this.#canvas.height);
    else this.#size.clear();
    if (!running) element("live-readout").textContent = "";
    for (const id of ["live-shot", "live-record", "live-stop"]) element(id, HTMLButtonElement).disabled = !running;
  }

  async #showTurnButton(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    element("live-turn").hidden = devices.filter((device) => device.kind === "videoinput").length < 2;
  }
}

async function openCamera(facingMode: "user" | "environment", [width, height]: [number, number]): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DOMException("no camera in this browser or on this page", "NotSupportedError");
  }
  const video = { facingMode, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
  return await navigator.mediaDevices.getUserMedia({ video, audio: false });
}

function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The message to show if the camera does not start, and whether trying again can help. */
function explain(error: unknown): [sentence: string, again: boolean] {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return [text("cameraDenied"), true];
    case "NotFoundError":
    case "OverconstrainedError":
      return [text("cameraMissing"), true];
    case "NotReadableError":
    case "AbortError":
      return [text("cameraTaken"), true];
    case "NotSupportedError":
    case "SecurityError":
      return [text("cameraInsecure"), false];
    default:
      return [describeError(error), true];
  }
}

function nameOf(file: Blob): string {
  const [suffix] = [".png", ".mp4", ".webm"].filter((one) => file.type.includes(one.slice(1)));
  return `pspm-${new Date().toISOString().replace(/[:.]/g, "-")}${suffix ?? ".jpg"}`;
}
