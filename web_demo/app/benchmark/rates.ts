import type { Measured } from "./result.ts";

const TENTHS = 10;

/**
 * Frames that come at an even rate, as from a camera. A frame that comes while another is computed is dropped, unless it
 * is the newest when that one is done.
 */
export async function pace(
  one: () => Promise<unknown>,
  fps: number,
  seconds: number,
  now: () => number = () => performance.now(),
  sleep: (milliseconds: number) => Promise<unknown> = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
): Promise<NonNullable<Measured["paced"]>> {
  const gap = 1000 / fps;
  const frames = Math.max(1, Math.round(fps * seconds));
  const start = now();
  let shown = 0;
  for (let number = 0; number < frames; ) {
    const early = start + number * gap - now();
    if (early > 0) await sleep(early);
    await one();
    shown++;
    number = Math.max(number + 1, Math.floor((now() - start) / gap));
  }
  return { fps, seconds: frames / fps, frames: shown, dropped: frames - shown };
}

/** As many frames as possible: frames a second in all, and in each tenth of the time. */
export async function sustain(
  one: () => Promise<unknown>,
  seconds: number,
  now: () => number = () => performance.now(),
): Promise<NonNullable<Measured["sustained"]>> {
  const start = now();
  const ends: number[] = [];
  do {
    await one();
    ends.push((now() - start) / 1000);
  } while (ends.at(-1)! < seconds);
  const whole = ends.at(-1)!;
  const tenths = Array.from({ length: TENTHS }, (_, i) => {
    const inside = ends.filter((end) => end > (whole * i) / TENTHS && end <= (whole * (i + 1)) / TENTHS);
    return (inside.length * TENTHS) / whole;
  });
  return {
    seconds: whole,
    frames: ends.length,
    fps: ends.length / whole,
    fps_first_tenth: tenths[0]!,
    fps_last_tenth: tenths.at(-1)!,
    fps_tenths: tenths,
  };
}
