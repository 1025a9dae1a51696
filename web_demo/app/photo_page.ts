import { type Matte, PERSON_SHARE, type PortraitMatting } from "../src/index.ts";
import type { Controls } from "./controls.ts";
import { element } from "./element.ts";
import { describeError, hideMessage, showMessage } from "./message.ts";
import { save } from "./save.ts";

const PREVIEW_PIXELS = 2048;

/** The Photo tab: open, drop or paste a photo, preview an effect, save the result at full resolution. */
export class PhotoPage {
  readonly #matting: () => Promise<PortraitMatting>;
  readonly #controls: Controls;
  readonly #canvas = element("photo-canvas", HTMLCanvasElement);
  readonly #stage = element("photo-stage");
  #matte: Matte | null = null;
  #name = "photo";
  #original = false;
  #turn = 0;

  constructor(matting: () => Promise<PortraitMatting>, controls: Controls) {
    this.#matting = matting;
    this.#controls = controls;
    this.#stage.classList.add("empty");
    const file = element("photo-file", HTMLInputElement);
    for (const id of ["photo-open", "photo-other"]) element(id).onclick = () => file.click();
    file.addEventListener("change", () => {
      const [chosen] = file.files ?? [];
      file.value = "";
      if (chosen) void this.open(chosen, chosen.name);
    });
    element("photo-sample").onclick = () => void this.#openSample();
    element("photo-save").onclick = () => void this.save();
    element("photo-share").onclick = () => void this.#share();
    element("photo-compare").onclick = () => this.#compare(!this.#original);
    addEventListener("resize", () => this.show());
  }

  async open(photo: Blob, name: string): Promise<void> {
    const turn = ++this.#turn;
    hideMessage();
    this.#busy(true);
    try {
      const matting = await this.#matting();
      const matte = await matting.matte(photo);
      if (turn !== this.#turn) return matte.close();
      this.#matte?.close();
      this.#matte = matte;
      this.#name = name.replace(/\.[^.]*$/, "") || "photo";
      this.#ready(matte);
    } catch (error) {
      showMessage(describeError(error));
    } finally {
      if (turn === this.#turn) this.#busy(false);
    }
  }

  show(): void {
    if (!this.#matte || !this.#stage.offsetParent) return;
    const room = this.#stage.getBoundingClientRect();
    const dense = Math.min(devicePixelRatio, PREVIEW_PIXELS / Math.max(room.width, room.height));
    const { width, height } = this.#matte;
    const scale = Math.min(1, Math.min((room.width * dense) / width, (room.height * dense) / height));
    this.#canvas.width = Math.max(1, Math.round(width * scale));
    this.#canvas.height = Math.max(1, Math.round(height * scale));
    this.#matte.show(this.#original ? { kind: "photo" } : this.#controls.effect);
  }

  async save(): Promise<void> {
    const file = await this.#result();
    if (file) save(file, file.name);
  }

  #ready({ width, height, personShare }: Matte): void {
    this.#stage.classList.remove("empty");
    element("photo-welcome").hidden = true;
    element("photo-readout").textContent = `${width} × ${height}`;
    for (const id of ["photo-compare", "photo-share", "photo-save"]) {
      element(id, HTMLButtonElement).disabled = false;
    }
    element("photo-share").hidden = !("canShare" in navigator);
    this.#compare(false);
    if (personShare < PERSON_SHARE) showMessage("No person was found in this photo; choose one with a person.");
  }

  #compare(original: boolean): void {
    this.#original = original;
    element("photo-compare").setAttribute("aria-pressed", String(original));
    this.show();
  }

  #busy(busy: boolean): void {
    element("photo-busy").hidden = !busy;
    this.#stage.setAttribute("aria-busy", String(busy));
  }

  async #openSample(): Promise<void> {
    try {
      const response = await fetch("./sample.jpg");
      if (!response.ok) throw new Error(response.statusText);
      await this.open(await response.blob(), "sample.jpg");
    } catch {
      showMessage("The sample photo could not be loaded; check the connection and try again.", () => void this.#openSample());
    }
  }

  async #result(): Promise<File | null> {
    if (!this.#matte) return null;
    this.#busy(true);
    try {
      const { effect } = this.#controls;
      const blob = await this.#matte.file(effect);
      const suffix = blob.type === "image/png" ? "png" : "jpg";
      return new File([blob], `${this.#name}-${effect.kind}.${suffix}`, { type: blob.type });
    } catch (error) {
      showMessage(describeError(error));
      return null;
    } finally {
      this.#busy(false);
    }
  }

  async #share(): Promise<void> {
    const file = await this.#result();
    if (!file) return;
    if (!navigator.canShare({ files: [file] })) return save(file, file.name);
    // Closing the share sheet rejects, but is not an error.
    await navigator.share({ files: [file] }).catch(() => undefined);
  }
}
