/** The frames of a camera's video: waits for the newest one, and counts what the camera gave and what was missed. */
export class CameraFrames {
  /** Frames that the camera gave, or 0 if the browser does not tell. */
  given = 0;
  readonly #video: HTMLVideoElement;
  #seen = 0;
  #arrived: () => void = () => undefined;
  #closed = false;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#listen();
  }

  /**
   * Resolves with true when there is a frame that was not used before: at once if it came during the last call's work.
   * Resolves with false after a second without one.
   */
  async next(): Promise<boolean> {
    if (!("requestVideoFrameCallback" in this.#video)) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return true;
    }
    if (this.given === this.#seen) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const fresh = this.given > this.#seen;
    this.#seen = this.given;
    return fresh;
  }

  close(): void {
    this.#closed = true;
  }

  #listen(): void {
    if (!("requestVideoFrameCallback" in this.#video)) return;
    // `presentedFrames` also counts frames that came while this thread was busy.
    let first: number | null = null;
    const arrived: VideoFrameRequestCallback = (_, { presentedFrames }) => {
      if (this.#closed) return;
      first ??= presentedFrames - 1;
      this.given = presentedFrames - first;
      this.#arrived();
      this.#video.requestVideoFrameCallback(arrived);
    };
    this.#video.requestVideoFrameCallback(arrived);
  }
}
