import type { Effect, Matte } from "../src/index.ts";
import { element } from "./element.ts";

const PREVIEW_PIXELS = 2048;
const ZOOMED_PIXELS = 4096;
const THUMBNAIL_PIXELS = 160;
const MOST_ZOOM = 16;
const WHEEL_STEP = 1.0015;
const REDRAW_AFTER = 150;

interface Place {
  x: number;
  y: number;
}

/** Shows a photo with an effect: fitted to its stage or zoomed, and beside the original if that is wanted. */
export class PhotoView {
  readonly #stage = element("photo-stage");
  readonly #canvas = element("photo-canvas", HTMLCanvasElement);
  readonly #before = element("photo-before", HTMLCanvasElement);
  readonly #split = element("photo-split", HTMLInputElement);
  readonly #fingers = new Map<number, Place>();
  #matte: Matte | null = null;
  #effect: Effect = { kind: "photo" };
  #zoom = 1;
  /** Where the middle of the photo is, from the middle of the stage, in CSS pixels. */
  #middle: Place = { x: 0, y: 0 };
  #redraw: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    addEventListener("resize", () => this.#fit());
    this.#split.addEventListener("input", () => this.#divide());
    this.#stage.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    this.#stage.addEventListener("dblclick", (event) => {
      if (this.#isOnPhoto(event)) this.#zoomAt(this.#zoom > 1 ? 1 / this.#zoom : 3, this.#place(event));
    });
    this.#stage.addEventListener("pointerdown", (event) => this.#onDown(event));
    this.#stage.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      this.#stage.addEventListener(end, (event) => this.#fingers.delete(event.pointerId));
    }
  }

  get compares(): boolean {
    return !this.#split.hidden;
  }

  /** Show another photo, fitted. */
  open(matte: Matte, effect: Effect): void {
    this.#matte = matte;
    this.#zoom = 1;
    this.#effect = effect;
    this.#move({ x: 0, y: 0 });
    this.#draw();
  }

  /** Show an effect. */
  show(effect: Effect): void {
    this.#effect = effect;
    this.#draw();
  }

  /** Show the original to the left of a divider, which starts in the middle, or take it away. */
  compare(compares: boolean): void {
    this.#split.hidden = this.#before.parentElement!.hidden = !compares;
    this.#split.value = "50";
    this.#divide();
    this.#draw();
  }

  /** Zoom in or out around the middle of the stage. 0: fit the photo again. */
  zoomBy(factor: number): void {
    if (this.#matte) this.#zoomAt(factor || 1 / this.#zoom, { x: 0, y: 0 });
  }

  /** A small copy of what is shown, without the original. */
  thumbnail(): HTMLCanvasElement {
    const { width, height } = this.#canvas;
    const scale = THUMBNAIL_PIXELS / Math.max(width, height);
    const copy = document.createElement("canvas");
    copy.width = Math.max(1, Math.round(width * scale));
    copy.height = Math.max(1, Math.round(height * scale));
    const context = copy.getContext("2d")!;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#canvas, 0, 0, copy.width, copy.height);
    return copy;
  }

  #draw(): void {
    clearTimeout(this.#redraw);
    if (!this.#matte || !this.#stage.offsetParent) return;
    const room = this.#stage.getBoundingClientRect();
    const most = this.#zoom > 1 ? ZOOMED_PIXELS : PREVIEW_PIXELS;
    const { width, height } = this.#matte;
    const wanted = this.#zoom * devicePixelRatio * Math.min(room.width / width, room.height / height);
    const scale = Math.min(1, wanted, most / Math.max(width, height));
    this.#stage.style.setProperty("--ratio", String(width / height));
    this.#canvas.width = Math.max(1, Math.round(width * scale));
    this.#canvas.height = Math.max(1, Math.round(height * scale));
    if (this.compares) {
      this.#matte.show({ kind: "photo" });
      Object.assign(this.#before, { width: this.#canvas.width, height: this.#canvas.height });
      this.#before.getContext("2d")!.drawImage(this.#canvas, 0, 0);
    }
    this.#matte.show(this.#effect);
  }

  #fit(): void {
    this.#move(this.#middle);
    this.#draw();
  }

  #divide(): void {
    this.#stage.style.setProperty("--split", String(Number(this.#split.value) / 100));
  }

  #zoomAt(factor: number, at: Place): void {
    const zoom = Math.min(MOST_ZOOM, Math.max(1, this.#zoom * factor));
    const ratio = zoom / this.#zoom;
    this.#zoom = zoom;
    this.#move({ x: at.x - (at.x - this.#middle.x) * ratio, y: at.y - (at.y - this.#middle.y) * ratio });
    // The picture is enlarged at once, and drawn in finer detail when the fingers rest.
    clearTimeout(this.#redraw);
    this.#redraw = setTimeout(() => this.#draw(), REDRAW_AFTER);
  }

  #move({ x, y }: Place): void {
    const room = this.#stage.getBoundingClientRect();
    const within = (value: number, side: number) => Math.min(1, Math.max(-1, (2 * value) / (side * (this.#zoom - 1) || 1)));
    const reach = (side: number) => (side * (this.#zoom - 1)) / 2;
    this.#middle = { x: within(x, room.width) * reach(room.width), y: within(y, room.height) * reach(room.height) };
    const transform = `translate(${this.#middle.x}px, ${this.#middle.y}px) scale(${this.#zoom})`;
    this.#canvas.style.transform = this.#before.style.transform = transform;
    this.#stage.style.setProperty("--zoom", String(this.#zoom));
    this.#stage.classList.toggle("zoomed", this.#zoom > 1);
  }

  #onWheel(event: WheelEvent): void {
    if (!this.#isOnPhoto(event)) return;
    event.preventDefault();
    this.#zoomAt(WHEEL_STEP ** -event.deltaY, this.#place(event));
  }

  #onDown(event: PointerEvent): void {
    if (!this.#isOnPhoto(event)) return;
    this.#fingers.set(event.pointerId, this.#place(event));
    this.#stage.setPointerCapture(event.pointerId);
  }

  #onMove(event: PointerEvent): void {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = this.#place(event);
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, now);
    if (other) {
      const apart = (one: Place) => Math.hypot(one.x - other.x, one.y - other.y);
      const half = { x: (now.x - before.x) / 2, y: (now.y - before.y) / 2 };
      this.#move({ x: this.#middle.x + half.x, y: this.#middle.y + half.y });
      this.#zoomAt(apart(now) / Math.max(1, apart(before)), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else {
      this.#move({ x: this.#middle.x + now.x - before.x, y: this.#middle.y + now.y - before.y });
    }
  }

  /** Not on a button or the divider, which lie over the photo. */
  #isOnPhoto(event: Event): boolean {
    return this.#matte !== null && [this.#stage, this.#canvas, this.#before].includes(event.target as HTMLElement);
  }

  /** Where the pointer is, from the middle of the stage. */
  #place({ clientX, clientY }: MouseEvent): Place {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
  }
}
