const TYPES = ["video/mp4;codecs=avc1", "video/webm;codecs=vp9", "video/webm"];
const FRAME_RATE = 30;

/** Records what a canvas shows as a video file. */
export class Recorder {
  readonly #recorder: MediaRecorder;
  readonly #parts: Blob[] = [];
  readonly #stream: MediaStream;

  /** Whether this browser can record. */
  static get supported(): boolean {
    return typeof MediaRecorder !== "undefined" && "captureStream" in HTMLCanvasElement.prototype;
  }

  /** Start to record. onError is called if the browser stops the recording. */
  constructor(canvas: HTMLCanvasElement, onError: () => void) {
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    this.#stream = canvas.captureStream(FRAME_RATE);
    this.#recorder = new MediaRecorder(this.#stream, type ? { mimeType: type } : {});
    this.#recorder.ondataavailable = ({ data }) => this.#parts.push(data);
    this.#recorder.onerror = onError;
    // A part each second: less is lost if the browser stops.
    this.#recorder.start(1000);
  }

  /** End the recording. Resolves with the video. */
  async stop(): Promise<Blob> {
    const ended = new Promise((resolve) => this.#recorder.addEventListener("stop", resolve, { once: true }));
    if (this.#recorder.state === "inactive") return this.#file();
    this.#recorder.stop();
    await ended;
    for (const track of this.#stream.getTracks()) track.stop();
    return this.#file();
  }

  #file(): Blob {
    return new Blob(this.#parts, { type: this.#recorder.mimeType });
  }
}
