import type { BackgroundPicture, Effect } from "../src/index.ts";
import { BACKGROUNDS, type Background, backgroundPicture } from "./backgrounds.ts";
import { element } from "./element.ts";
import { text } from "./language.ts";
import { describeError, showMessage } from "./message.ts";

const COLOURS = [
  ["#ffffff", "white"],
  ["#20a0ff", "skyBlue"],
  ["#00a050", "green"],
  ["#ffb400", "yellow"],
  ["#14151c", "night"],
] as const;
const PICTURE_LIMIT = 2048;

/** The form that chooses the effect, for photo and camera. */
export class Controls {
  onChange: () => void = () => undefined;
  #picture: BackgroundPicture = document.createElement("canvas");
  #own: BackgroundPicture | null = null;
  /** Backgrounds whose swatches have no picture yet. */
  readonly #bare = new Map<Background, HTMLElement>();
  readonly #form = element("controls", HTMLFormElement);
  readonly #custom: HTMLInputElement;

  constructor() {
    this.#custom = this.#addColours();
    this.#addPictures();
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("input", () => this.#changed());
    this.#changed();
  }

  get effect(): Effect {
    switch (this.#chosen("effect")) {
      case "cutout":
        return { kind: "cutout" };
      case "colour":
        return { kind: "colour", colour: this.#chosen("colour") || this.#custom.value };
      case "picture":
        return { kind: "picture", picture: this.#picture };
      default:
        return { kind: "blur", strength: Number(element("strength", HTMLInputElement).value) / 100 };
    }
  }

  /** Choose an effect by its position, from 0. */
  choose(position: number): void {
    element("effect").querySelectorAll("input")[position]?.click();
  }

  #chosen(name: string): string {
    const choice = this.#form.elements.namedItem(name);
    return choice instanceof RadioNodeList ? choice.value : "";
  }

  #changed(): void {
    element("strength-value").textContent = text("percent", { value: element("strength", HTMLInputElement).value });
    const effect = this.#chosen("effect");
    // Their files are not loaded before somebody wants them.
    if (effect === "picture") {
      for (const [background, label] of this.#bare) void addThumbnail(background, label);
      this.#bare.clear();
    }
    for (const option of element("options").querySelectorAll<HTMLElement>("[data-for]")) {
      option.hidden = option.dataset["for"] !== effect;
    }
    this.onChange();
  }

  #addColours(): HTMLInputElement {
    const group = element("colours");
    group.className = "swatches";
    for (const [colour, name] of COLOURS) {
      const [label] = swatch("colour", colour, text(name));
      const dot = document.createElement("canvas");
      Object.assign(dot, { width: 1, height: 1 });
      const context = dot.getContext("2d")!;
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      label.append(dot);
      group.append(label);
    }
    const [label, radio] = swatch("colour", "", text("ownColour"));
    const custom = document.createElement("input");
    Object.assign(custom, { type: "color", value: "#e0218a", tabIndex: 0 });
    custom.setAttribute("aria-label", text("chooseOwnColour"));
    custom.addEventListener("input", () => (radio.checked = true));
    custom.addEventListener("click", () => (radio.checked = true));
    label.append(custom);
    group.append(label);
    group.querySelectorAll("input")[1]!.checked = true;
    return custom;
  }

  #addPictures(): void {
    const group = element("pictures");
    group.className = "swatches";
    BACKGROUNDS.forEach((background, i) => {
      const [label, radio] = swatch("picture", String(i), text(background.name));
      radio.checked = i === 0;
      radio.addEventListener("input", () => void this.#usePicture(background, radio));
      if (radio.checked) void this.#usePicture(background, radio);
      this.#bare.set(background, label);
      group.append(label);
    });
    const file = element("picture-file", HTMLInputElement);
    const [label, radio] = swatch("picture", "own", text("ownPicture"));
    const own = document.createElement("span");
    own.className = "own";
    own.setAttribute("aria-hidden", "true");
    label.append(own);
    label.hidden = true;
    radio.addEventListener("input", () => (this.#picture = this.#own ?? this.#picture));
    // A button, not the radio: arrow keys choose radios, and a key may not open a dialogue by itself.
    const add = document.createElement("button");
    Object.assign(add, { type: "button", title: text("chooseOwnPicture") });
    add.setAttribute("aria-label", text("chooseOwnPicture"));
    add.append(Object.assign(document.createElement("span"), { className: "own", textContent: "+" }));
    add.onclick = () => file.click();
    file.addEventListener("input", (event) => {
      event.stopPropagation();
      const [chosen] = file.files ?? [];
      file.value = "";
      if (chosen) void this.#setPicture(chosen, label, radio, own);
    });
    group.append(label, add);
  }

  async #usePicture(background: Background, radio: HTMLInputElement): Promise<void> {
    try {
      const picture = await backgroundPicture(background, 1280, 960);
      if (!radio.checked) return;
      this.#picture = picture;
      this.onChange();
    } catch {
      showMessage(text("pictureNotLoaded", { name: text(background.name) }));
    }
  }

  async #setPicture(file: File, label: HTMLElement, radio: HTMLInputElement, own: HTMLElement): Promise<void> {
    try {
      const bitmap = await createImageBitmap(file);
      const scale = Math.min(1, PICTURE_LIMIT / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      this.#picture = this.#own = canvas;
      const small = document.createElement("canvas");
      small.width = small.height = 80;
      const side = Math.min(canvas.width, canvas.height);
      const left = (canvas.width - side) / 2;
      small.getContext("2d")!.drawImage(canvas, left, (canvas.height - side) / 2, side, side, 0, 0, 80, 80);
      own.replaceChildren(small);
      label.hidden = false;
      radio.checked = true;
      this.#changed();
    } catch (error) {
      const unreadable = error instanceof DOMException;
      showMessage(unreadable ? text("pictureNotRead", { name: file.name }) : describeError(error));
    }
  }
}

async function addThumbnail(background: Background, label: HTMLElement): Promise<void> {
  try {
    label.append(await backgroundPicture(background, 80, 80));
  } catch {
    // Choosing it says that it could not be loaded.
  }
}

function swatch(name: string, value: string, label: string): [HTMLLabelElement, HTMLInputElement] {
  const wrapper = document.createElement("label");
  const radio = document.createElement("input");
  Object.assign(radio, { type: "radio", name, value });
  radio.setAttribute("aria-label", label);
  wrapper.title = label;
  wrapper.append(radio);
  return [wrapper, radio];
}
