import type { Matte, PortraitMatting } from "../src/index.ts";
import type { Controls } from "./controls.ts";
import { element } from "./element.ts";
import { sentence, silence, tell } from "./message.ts";
import { save } from "./save.ts";

const EMPTY_SHARE = 0.005;
const PREVIEW_PIXELS = 2048;

/** Photo: open, drop or paste one, see it on its new background, save it at its full size. */
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

  get isOpen(): boolean {
    return this.#matte !== null;
  }

  async open(photo: Blob, name: string): Promise<void> {
    const turn = ++this.#turn;
    silence();
    this.#busy(true);
    try {
      const matting = await this.#matting();
      const matte = await matting.matte(photo);
      if (turn !== this.#turn) return matte.close();
      this.#matte?.close();
      this.#matte = matte;
      this.#name = name.replace(/\.[^.]*$/, "") || "photo";
      this.#ready();
    } catch (error) {
      tell(sentence(error));
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

  #ready(): void {
    const { width, height, personShare } = this.#matte!;
    this.#stage.classList.remove("empty");
    element("photo-welcome").hidden = true;
    element("photo-readout").textContent = `${width} × ${height}`;
    for (const id of ["photo-compare", "photo-share", "photo-save"]) {
      element(id, HTMLButtonElement).disabled = false;
    }
    element("photo-share").hidden = !("canShare" in navigator);
    this.#compare(false);
    if (personShare < EMPTY_SHARE) tell("Nobody was found in this photo; choose one with a person in it.");
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
      tell("The sample photo could not be loaded; check the connection.", () => void this.#openSample());
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
      tell(sentence(error));
      return null;
    } finally {
      this.#busy(false);
    }
  }

  async #share(): Promise<void> {
    const file = await this.#result();
    if (!file) return;
    if (!navigator.canShare({ files: [file] })) return save(file, file.name);
    // Who closes the sheet has changed their mind, which is no error.
    await navigator.share({ files: [file] }).catch(() => undefined);
  }
}
