import { DEFAULT_QUALITY, type FileOptions, type Matte, PERSON_SHARE, type PortraitMatting, QUALITIES, type Quality } from "../src/index.ts";
import type { Controls } from "./controls.ts";
import { element } from "./element.ts";
import { text } from "./language.ts";
import { describeError, hideMessage, showMessage } from "./message.ts";
import { PhotoView } from "./photo_view.ts";
import { ResultDrag } from "./result_drag.ts";
import { save } from "./save.ts";

/** The Photo tab: open, drop or paste a photo, preview an effect, save, copy or drag the result at full resolution. */
export class PhotoPage {
  readonly #matting: () => Promise<PortraitMatting>;
  readonly #controls: Controls;
  readonly #view = new PhotoView();
  readonly #drag = new ResultDrag(
    (signal, onProgress) => this.#file({ signal, onProgress }),
    () => this.#view.thumbnail(),
    (error) => showMessage(describeError(error)),
  );
  readonly #stage = element("photo-stage");
  readonly #quality = element("photo-quality", HTMLSelectElement);
  #matte: Matte | null = null;
  #photo: Blob | null = null;
  #name = "photo";
  #seenWith: Quality = DEFAULT_QUALITY;
  #saving: AbortController | null = null;
  #looking: AbortController | null = null;
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
    element("photo-copy").onclick = () => void this.copy();
    element("photo-cancel").onclick = () => (this.#saving ?? this.#looking)?.abort();
    this.#quality.value = DEFAULT_QUALITY;
    this.#quality.addEventListener("change", () => {
      if (this.#photo) void this.open(this.#photo, this.#name);
    });
    element("photo-share").onclick = () => void this.#share();
    element("photo-compare").onclick = () => this.#compare(!this.#view.compares);
  }

  async open(photo: Blob, name: string): Promise<void> {
    const turn = ++this.#turn;
    this.#saving?.abort();
    this.#looking?.abort();
    this.#drag.reset();
    const looking = (this.#looking = new AbortController());
    const quality = QUALITIES.find((one) => one === this.#quality.value) ?? DEFAULT_QUALITY;
    hideMessage();
    this.#busy(true);
    try {
      const matting = await this.#matting();
      const onLook = (runs: number) => {
        if (turn === this.#turn) this.#looked(runs);
      };
      if (turn === this.#turn) this.#looked(0);
      const matte = await matting.matte(photo, { quality, onLook, signal: looking.signal });
      if (turn !== this.#turn) return matte.close();
      this.#matte?.close();
      this.#matte = matte;
      this.#photo = photo;
      this.#seenWith = quality;
      this.#name = name.replace(/\.[^.]*$/, "") || "photo";
      this.#ready(matte);
    } catch (error) {
      if (!looking.signal.aborted) showMessage(describeError(error));
      if (turn === this.#turn) this.#quality.value = this.#matte ? this.#seenWith : quality;
    } finally {
      if (turn === this.#turn) {
        this.#looking = null;
        this.#looked(null);
        this.#busy(false);
      }
    }
  }

  show(): void {
    this.#drag.reset();
    this.#view.show(this.#controls.effect);
  }

  /** Whether the user is dragging the result. */
  get drags(): boolean {
    return this.#drag.lasts;
  }

  /** Zoom in or out; 0 fits the photo again. */
  zoomBy(factor: number): void {
    this.#view.zoomBy(factor);
  }

  async save(): Promise<void> {
    const file = await this.#result();
    if (file) save(file, file.name);
  }

  /** Put the result on the clipboard, as PNG: browsers copy no other format. */
  async copy(): Promise<void> {
    const file = await this.#result({ type: "image/png" });
    if (!file) return;
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": file })]);
      element("photo-readout").textContent = text("copied");
    } catch {
      showMessage(text("noCopying"));
    }
  }

  #ready(matte: Matte): void {
    const { width, height, personShare } = matte;
    this.#stage.classList.remove("empty");
    element("photo-welcome").hidden = true;
    element("photo-drag").hidden = false;
    element("photo-readout").textContent = `${width} × ${height}`;
    for (const id of ["photo-compare", "photo-share", "photo-copy", "photo-save"]) {
      element(id, HTMLButtonElement).disabled = false;
    }
    element("photo-share").hidden = !("canShare" in navigator);
    element("photo-copy").hidden = typeof ClipboardItem === "undefined";
    this.#view.open(matte, this.#controls.effect);
    this.#compare(false);
    if (personShare < PERSON_SHARE) showMessage(text("noPerson"));
  }

  #compare(compares: boolean): void {
    this.#view.compare(compares);
    element("photo-compare").setAttribute("aria-pressed", String(compares));
  }

  #busy(busy: boolean): void {
    element("photo-busy").hidden = !busy;
    this.#stage.setAttribute("aria-busy", String(busy));
  }

  async #openSample(): Promise<void> {
    try {
      const response = await fetch("./portrait.jpg");
      if (!response.ok) throw new Error(response.statusText);
      await this.open(await response.blob(), "portrait.jpg");
    } catch {
      showMessage(text("sampleNotLoaded"), () => void this.#openSample());
    }
  }

  /** The result as a file, while the page shows the progress; null if that failed or was cancelled. */
  async #result(options: FileOptions = {}): Promise<File | null> {
    if (!this.#matte || this.#saving) return null;
    const saving = (this.#saving = new AbortController());
    this.#drag.reset();
    this.#busy(true);
    this.#progress(0);
    try {
      return await this.#file({ ...options, signal: saving.signal, onProgress: (done) => this.#progress(done) });
    } catch (error) {
      if (!saving.signal.aborted) showMessage(describeError(error));
      return null;
    } finally {
      this.#saving = null;
      this.#progress(null);
      this.#busy(false);
    }
  }

  /** The result that is shown, as a file of the photo's size. */
  async #file(options: FileOptions): Promise<File> {
    const { effect } = this.#controls;
    const name = `${this.#name}-${effect.kind}`;
    const blob = await this.#matte!.file(effect, options);
    return new File([blob], `${name}.${blob.type === "image/png" ? "png" : "jpg"}`, { type: blob.type });
  }

  /** Show the share of the file that is done, with a button to cancel; null hides both. */
  #progress(done: number | null): void {
    element("photo-work").hidden = done === null;
    element("photo-progress").hidden = false;
    element("photo-progress", HTMLProgressElement).value = done ?? 0;
  }

  /** Show how often the network has looked at the photo, with a button to cancel; null hides both. */
  #looked(runs: number | null): void {
    element("photo-work").hidden = runs === null;
    element("photo-progress").hidden = runs !== null;
    const looks = element("photo-looks");
    looks.hidden = runs === null;
    if (!runs) looks.textContent = text("looking");
    else looks.textContent = runs === 1 ? text("oneLook") : text("looks", { count: runs });
  }

  async #share(): Promise<void> {
    const file = await this.#result();
    if (!file) return;
    if (!navigator.canShare({ files: [file] })) return save(file, file.name);
    // Closing the share sheet rejects, but is not an error.
    await navigator.share({ files: [file] }).catch(() => undefined);
  }
}
