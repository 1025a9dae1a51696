import { element } from "./element.ts";
import { text } from "./language.ts";

const KEY = "camera-size";

/** The camera's resolution: the user's choice, which the browser remembers, and what the camera gives. */
export class CameraSize {
  readonly #choice = element("live-size", HTMLSelectElement);
  readonly #given = element("live-given");

  constructor(onChange: () => void) {
    const kept = remembered();
    if ([...this.#choice.options].some(({ value }) => value === kept)) this.#choice.value = kept!;
    this.#choice.addEventListener("change", () => {
      remember(this.#choice.value);
      onChange();
    });
  }

  /** The wanted width and height. */
  get wanted(): [number, number] {
    const [width, height] = this.#choice.value.split("x").map(Number);
    return [width!, height!];
  }

  /** Tell what the camera gives, if that is not what was chosen. A phone that is held upright gives it turned. */
  compare(width: number, height: number): void {
    const sorted = (sides: number[]) => sides.sort((a, b) => a - b).join();
    const same = sorted([width, height]) === sorted(this.wanted);
    this.#say(same ? "" : text("cameraGives", { width, height }));
  }

  /** There is no picture. */
  clear(): void {
    this.#say("");
  }

  /** Screen readers read a text again that is only set again. */
  #say(sentence: string): void {
    if (this.#given.textContent !== sentence) this.#given.textContent = sentence;
  }
}

// Browsers that block storage throw.
function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(value: string): void {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // The choice then lasts until the page is closed.
  }
}
