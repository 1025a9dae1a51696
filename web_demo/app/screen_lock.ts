/** Keeps the screen on while something is shown that nobody touches. Browsers drop it when the page is hidden. */
export class ScreenLock {
  #lock: WakeLockSentinel | null = null;
  #wanted = false;

  /** Keep the screen on, if the browser can. */
  async hold(): Promise<void> {
    this.#wanted = true;
    const lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    // `release` may have been called in the meantime.
    if (this.#wanted && !this.#lock) this.#lock = lock;
    else await lock?.release();
  }

  /** Let the screen turn off again. */
  async release(): Promise<void> {
    this.#wanted = false;
    const lock = this.#lock;
    this.#lock = null;
    await lock?.release();
  }
}
