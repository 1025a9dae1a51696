import { element } from "./element.ts";
import { text } from "./language.ts";
import { URL_LIFE } from "./save.ts";

/** Makes the file to drag. */
export type MakeFile = (signal: AbortSignal, onProgress: (done: number) => void) => Promise<File>;

/**
 * A handle on the stage from which the result is dragged to the desktop, another program or another page.
 *
 * A drag needs its file at once, so the file is made as soon as the pointer is on the handle. The handle then is an image of
 * it: browsers give the bytes of a dragged image to the program where it is dropped.
 */
export class ResultDrag {
  readonly #make: MakeFile;
  readonly #thumbnail: () => HTMLCanvasElement;
  readonly #onError: (error: unknown) => void;
  readonly #handle = element("photo-drag");
  readonly #text = element("photo-drag-text");
  readonly #small = new Image();
  #making: AbortController | null = null;
  #ready: { file: File; image: HTMLImageElement } | null = null;
  #lasts = false;

  constructor(make: MakeFile, thumbnail: () => HTMLCanvasElement, onError: (error: unknown) => void) {
    this.#make = make;
    this.#thumbnail = thumbnail;
    this.#onError = onError;
    for (const touch of ["pointerenter", "pointerdown"]) this.#handle.addEventListener(touch, () => void this.#prepare());
    this.#handle.addEventListener("dragstart", (event) => this.#start(event));
    this.#handle.addEventListener("dragend", () => (this.#lasts = false));
  }

  /** Whether a drag that began at the handle lasts. */
  get lasts(): boolean {
    return this.#lasts;
  }

  /** Forget the file: another result is shown, or the worker has something else to do. */
  reset(): void {
    this.#making?.abort();
    this.#making = null;
    this.#lasts = false;
    if (this.#ready) {
      const { image } = this.#ready;
      image.remove();
      // Programs may read the address after the drop.
      setTimeout(() => URL.revokeObjectURL(image.src), URL_LIFE);
      this.#ready = null;
    }
    this.#show(text("drag"));
  }

  async #prepare(): Promise<void> {
    if (this.#making || this.#ready) return;
    const making = (this.#making = new AbortController());
    this.#show(text("percent", { value: 0 }));
    try {
      this.#small.src = this.#thumbnail().toDataURL();
      const file = await this.#make(making.signal, (done) => {
        if (!making.signal.aborted) this.#show(text("percent", { value: Math.floor(100 * done) }));
      });
      const image = await imageOf(file);
      if (making.signal.aborted) return URL.revokeObjectURL(image.src);
      this.#ready = { file, image };
      this.#handle.append(image);
      this.#show(text("drag"));
    } catch (error) {
      if (making.signal.aborted) return;
      this.#show(text("drag"));
      this.#onError(error);
    } finally {
      if (this.#making === making) this.#making = null;
    }
  }

  #start(event: DragEvent): void {
    const data = event.dataTransfer;
    if (!this.#ready || !data) return event.preventDefault();
    const { file, image } = this.#ready;
    // Chromium saves a file under this name where one is dropped.
    data.setData("DownloadURL", `${file.type}:${file.name}:${image.src}`);
    if (![...data.items].some(({ kind }) => kind === "file")) data.items.add(file);
    data.effectAllowed = "copy";
    data.setDragImage(this.#small, this.#small.width / 2, this.#small.height / 2);
    this.#lasts = true;
  }

  #show(label: string): void {
    this.#text.textContent = label;
    this.#handle.classList.toggle("ready", this.#ready !== null);
  }
}

/** An image of a file, loaded. */
async function imageOf(file: File): Promise<HTMLImageElement> {
  const image = new Image();
  image.alt = file.name;
  image.src = URL.createObjectURL(file);
  await new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = () => {
      URL.revokeObjectURL(image.src);
      reject(new Error("the browser cannot show the file"));
    };
  });
  return image;
}
