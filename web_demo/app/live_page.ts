import { type CameraMatting, type PortraitMatting, QUALITY } from "../src/index.ts";
import type { Controls } from "./controls.ts";
import { element } from "./element.ts";
import { describeError, hideMessage, showMessage } from "./message.ts";
import { save } from "./save.ts";

const READOUT_FRAMES = 15;

/** The Live tab: shows the camera with an effect and takes pictures. */
export class LivePage {
  readonly #matting: () => Promise<PortraitMatting>;
  readonly #controls: Controls;
  readonly #canvas = element("live-canvas", HTMLCanvasElement);
  readonly #stage = element("live-stage");
  readonly #video = document.createElement("video");
  #stream: MediaStream | null = null;
  #facing: "user" | "environment" = "user";
  #turn = 0;

  constructor(matting: () => Promise<PortraitMatting>, controls: Controls) {
    this.#matting = matting;
    this.#controls = controls;
    this.#stage.classList.add("empty");
    this.#video.muted = this.#video.playsInline = true;
    element("live-start").onclick = () => void this.start();
    element("live-stop").onclick = () => this.stop();
    element("live-shot").onclick = () => this.shoot();
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
      const stream = await openCamera(this.#facing);
      if (turn !== this.#turn) return close(stream);
      this.#stream = stream;
      const [track] = stream.getVideoTracks();
      track!.addEventListener("ended", () => {
        if (turn !== this.#turn) return;
        this.stop();
        showMessage("The camera stopped: it was unplugged, or another program uses it.", () => void this.start());
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
      const [text, again] = explain(error);
      showMessage(text, again ? () => void this.start() : undefined);
    } finally {
      start.disabled = false;
    }
  }

  stop(): void {
    this.#turn++;
    if (this.#stream) close(this.#stream);
    this.#stream = this.#video.srcObject = null;
    this.#running(false);
  }

  shoot(): void {
    this.#canvas.toBlob(
      (blob) => {
        if (blob) save(blob, `pspm-${new Date().toISOString().replace(/[:.]/g, "-")}.${suffixOf(blob)}`);
        else showMessage("The picture could not be saved; try again.");
      },
      this.#controls.effect.kind === "cutout" ? "image/png" : "image/jpeg",
      QUALITY / 100,
    );
  }

  async #run(camera: CameraMatting, turn: number): Promise<void> {
    const times: number[] = [];
    let last = performance.now();
    try {
      while (turn === this.#turn) {
        await nextFrame(this.#video);
        const { videoWidth, videoHeight } = this.#video;
        if (turn !== this.#turn || !videoWidth) continue;
        if (this.#canvas.width !== videoWidth || this.#canvas.height !== videoHeight) {
          Object.assign(this.#canvas, { width: videoWidth, height: videoHeight });
        }
        await camera.frame(this.#video, this.#controls.effect, { mirror: this.#facing === "user" });
        // `stop` may have been called while the network ran.
        if (turn !== this.#turn) break;
        this.#running(true);
        times.push(performance.now() - last);
        last = performance.now();
        if (times.length > READOUT_FRAMES) times.shift();
        const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
        element("live-readout").textContent = `${(1000 / mean).toFixed(mean > 100 ? 1 : 0)} frames per second`;
      }
    } finally {
      camera.close();
    }
  }

  #running(running: boolean): void {
    this.#stage.classList.toggle("empty", !running);
    element("live-welcome").hidden = running;
    if (!running) element("live-readout").textContent = "";
    for (const id of ["live-shot", "live-stop"]) element(id, HTMLButtonElement).disabled = !running;
  }

  async #showTurnButton(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    element("live-turn").hidden = devices.filter((device) => device.kind === "videoinput").length < 2;
  }
}

async function openCamera(facingMode: "user" | "environment"): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DOMException("no camera in this browser or on this page", "NotSupportedError");
  }
  const video = { facingMode, width: { ideal: 1280 }, height: { ideal: 720 } };
  return await navigator.mediaDevices.getUserMedia({ video, audio: false });
}

function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Wait for a new frame of the camera, or of the screen if the browser does not report camera frames. */
async function nextFrame(video: HTMLVideoElement): Promise<void> {
  await new Promise<void>((resolve) => {
    // Do not wait forever if the camera stalls.
    const timer = setTimeout(resolve, 1000);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(done);
    else requestAnimationFrame(done);
  });
}

/** The message to show if the camera does not start, and whether trying again can help. */
function explain(error: unknown): [text: string, again: boolean] {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return ["Camera access was denied. Allow it for this page in the browser's settings, then try again.", true];
    case "NotFoundError":
    case "OverconstrainedError":
      return ["No camera was found. Connect one and try again, or open a photo instead.", true];
    case "NotReadableError":
    case "AbortError":
      return ["Another program is using the camera. Close that program, then try again.", true];
    case "NotSupportedError":
    case "SecurityError":
      return ["Cameras work on https:// pages only. Open the page over https://, or use photos.", false];
    default:
      return [describeError(error), true];
  }
}

function suffixOf(blob: Blob): string {
  return blob.type === "image/png" ? "png" : "jpg";
}
