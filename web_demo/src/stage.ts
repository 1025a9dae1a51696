import { type Backdrop, type Effect, coverPart, parseColour } from "./effect.ts";
import { type Gpu, type Picture, type Texture } from "./gpu.ts";
import { LENS_CURVE } from "./lens_curve.ts";
import type { Size } from "./manifest.ts";
import composeShader from "./shaders/compose.frag?raw";
import discShader from "./shaders/disc.frag?raw";
import lightShader from "./shaders/light.frag?raw";
import meansAcrossShader from "./shaders/means_across.frag?raw";
import meansDownShader from "./shaders/means_down.frag?raw";
import modelsShader from "./shaders/models.frag?raw";
import reduceShader from "./shaders/reduce.frag?raw";
import refineShader from "./shaders/refine.glsl?raw";
import resampleShader from "./shaders/resample.frag?raw";
import settleShader from "./shaders/settle.frag?raw";
import slopeShader from "./shaders/slope.frag?raw";
import smallAlphaShader from "./shaders/small_alpha.frag?raw";
import smallMatteShader from "./shaders/small_matte.frag?raw";
import spreadShader from "./shaders/spread.frag?raw";

const HAZE = 4 / 255;
const EPSILON = 1e-3;
const STILL = 0.25;
const JUMP = 0.25;
const FAR = 1 / 24;
const NEAR = 1 / 160;
const LARGEST_RADIUS = 0.035;
const SMALLEST_RADIUS = 0.5;
const REDUCING_GAP = 2;
const CELLS = 24;
const KINDS = { photo: 0, matte: 1, cutout: 2, colour: 3, picture: 4 } as const;

/** How finely the costly estimates are made: the longer side of the colours' grid, and the disc's radius in pixels. */
export interface Detail {
  colours: number;
  disc: number;
}

export const FINE: Detail = { colours: 512, disc: 12 };
export const QUICK: Detail = { colours: 256, disc: 6 };

/** A rectangle of the photo, in its pixels. */
export type Part = readonly [left: number, top: number, width: number, height: number];

/** The photo's texture and where in the photo it lies. */
interface Piece {
  texture: Texture;
  part: Part;
}

/**
 * One photo or one camera on the GPU: its view for the network, its matte, its colours, its results. The steps and
 * their constants are those of the Python runtime: refine, foreground, background, lens, smoothing.
 */
export class Stage {
  readonly gpu: Gpu;
  readonly #detail: Detail;
  readonly #curve: Texture;
  #size: Size = { width: 1, height: 1 };
  #photo: Texture | null = null;
  #view: Texture | null = null;
  #shown: Texture | null = null;
  #models: Texture | null = null;
  #plain: Texture | null = null;
  #colours: [Texture, Texture] | null = null;
  #blurred: { strength: number; texture: Texture } | null = null;
  #picture: { source: Backdrop; texture: Texture } | null = null;

  constructor(gpu: Gpu, detail: Detail) {
    this.gpu = gpu;
    this.#detail = detail;
    this.#curve = gpu.numbers(LENS_CURVE, 256, 1);
  }

  /** size: of the photo, which the source shows whole, if not at its full size. */
  setPhoto(source: Picture, shown: Size, size: Size, still: boolean): void {
    this.gpu.free(this.#photo);
    this.#photo = this.gpu.picture(source, shown.width, shown.height, still);
    this.#size = size;
    this.#forget();
  }

  /** The photo at the network's size, RGBA bytes. */
  view(size: Size): Uint8Array<ArrayBuffer> {
    this.gpu.free(this.#view);
    this.#view = this.#resample(this.#photo!, size, { box: false, onWhite: true });
    return this.gpu.read(this.#view);
  }

  /** The network's matte of the last view; `calm` moves the one shown before towards it, as a camera needs it. */
  setAlpha(alpha: Float32Array, size: Size, calm: boolean): void {
    const { gpu } = this;
    const found = gpu.numbers(alpha, size.width, size.height);
    const before = this.#shown;
    const same = calm && before?.width === size.width && before.height === size.height;
    this.#shown = gpu.target(size.width, size.height, "floats");
    const uniforms = { alpha: found, previous: same ? before : found, smooth_: same, still: STILL, jump: JUMP };
    gpu.draw(settleShader, uniforms, [this.#shown]);
    const slopes = gpu.target(size.width, size.height, "floats");
    const models = gpu.target(size.width, size.height, "floats");
    gpu.draw(slopeShader, { view: this.#view!, alpha: this.#shown, haze: HAZE, epsilon: EPSILON }, [slopes]);
    gpu.draw(modelsShader, { slopes }, [models]);
    gpu.free(found, before, slopes, this.#models);
    this.#models = models;
    this.#forget();
  }

  /** Draw on the canvas, whose size is set. */
  show(effect: Effect, mirror: boolean): void {
    const { width, height } = this.gpu.canvas;
    this.#compose(effect, this.#whole, [0, 0, this.#size.width, this.#size.height], { width, height }, [], mirror);
  }

  /**
   * RGBA bytes of a part of the result at the photo's own size, straight alpha.
   *
   * source: the part of the photo, where the photo on the GPU is smaller than itself.
   */
  result(effect: Effect, part: Part, source: Picture | null): Uint8Array<ArrayBuffer> {
    const size = { width: part[2], height: part[3] };
    const piece = source ? { texture: this.gpu.picture(source, size.width, size.height, false), part } : this.#whole;
    const target = this.gpu.target(size.width, size.height, "bytes");
    this.#compose(effect, piece, part, size, [target], false);
    const bytes = this.gpu.read(target);
    this.gpu.free(target, source ? piece.texture : null);
    return bytes;
  }

  close(): void {
    this.#forget();
    this.gpu.free(this.#photo, this.#view, this.#shown, this.#models, this.#curve, this.#picture?.texture);
  }

  get #whole(): Piece {
    return { texture: this.#photo!, part: [0, 0, this.#size.width, this.#size.height] };
  }

  /** What `refined` needs: a photo no larger than the network's view gets its matte by interpolation alone. */
  get #refinement() {
    const { width, height } = this.#size;
    const models = this.#models!;
    const plain = width * height <= models.width * models.height;
    return { models: plain ? (this.#plain ??= this.#interpolate()) : models, photo_size: [width, height], plain };
  }

  #interpolate(): Texture {
    const { gpu } = this;
    const models = this.#models!;
    const small = gpu.target(models.width, models.height, "bytes");
    gpu.draw(smallMatteShader, { models }, [small]);
    const result = this.#resample(small, this.#size, { box: false, onWhite: false });
    gpu.free(small);
    return result;
  }

  #compose(effect: Effect, piece: Piece, part: Part, size: Size, targets: Texture[], mirror: boolean): void {
    const { gpu } = this;
    const base = {
      photo: piece.texture,
      photo_part: piece.part,
      target_part: part,
      target_size: [size.width, size.height],
      to_screen: !targets.length,
      mirror,
    };
    if (effect.kind === "photo" || !this.#models) {
      gpu.draw(refineShader + composeShader, { ...base, kind: KINDS.photo }, targets);
      return;
    }
    const inner = effect.kind === "blur" ? this.#blur(effect.strength) : null;
    if (effect.kind === "blur" && !inner) {
      gpu.draw(refineShader + composeShader, { ...base, kind: KINDS.photo }, targets);
      return;
    }
    const [foreground, background] = (this.#colours ??= this.#estimateColours());
    const behind = inner ?? (effect.kind === "picture" ? this.#backdrop(effect.picture) : this.#curve);
    const covering = inner ? ([0, 0, 1, 1] as const) : coverPart(behind, this.#size);
    gpu.draw(
      refineShader + composeShader,
      {
        ...base,
        ...this.#refinement,
        foreground,
        background,
        behind,
        behind_part: covering,
        enlarge: behind.width * covering[2] < this.#size.width,
        colour: effect.kind === "colour" ? parseColour(effect.colour) : [0, 0, 0],
        kind: effect.kind === "blur" ? KINDS.picture : KINDS[effect.kind],
      },
      targets,
    );
  }

  /** Estimates of the person's and the background's own colours on a small grid, by blur fusion in two passes. */
  #estimateColours(): [Texture, Texture] {
    const { gpu } = this;
    const scale = Math.min(1, this.#detail.colours / Math.max(this.#size.width, this.#size.height));
    const size = shrink(this.#size, scale);
    const photo = this.#resample(this.#photo!, size, { box: true, onWhite: false });
    const small = gpu.target(size.width, size.height, "bytes");
    gpu.draw(refineShader + smallAlphaShader, { photo, ...this.#refinement }, [small]);
    const targets = () => [gpu.target(size.width, size.height, "floats"), gpu.target(size.width, size.height, "floats")];
    const sums = targets();
    let [foreground, background] = [photo, photo];
    for (const share of [FAR, NEAR]) {
      const radius = Math.max(1, Math.round(Math.max(size.width, size.height) * share));
      const means = targets();
      gpu.draw(meansAcrossShader, { foreground, background, small, radius }, sums);
      gpu.draw(meansDownShader, { f_sums: sums[0]!, b_sums: sums[1]!, small, radius }, means);
      gpu.free(foreground, background);
      [foreground, background] = means as [Texture, Texture];
    }
    gpu.free(small, ...sums);
    return [foreground!, background!];
  }

  /** The background out of focus, or null where the disc is smaller than a pixel. */
  #blur(strength: number): Texture | null {
    if (!(strength >= 0 && strength <= 1)) {
      throw new RangeError(`a blur strength of ${strength} is out of range; choose one from 0 to 1`);
    }
    if (this.#blurred?.strength === strength) return this.#blurred.texture;
    const { gpu } = this;
    const radius = strength * LARGEST_RADIUS * Math.max(this.#size.width, this.#size.height);
    if (radius < SMALLEST_RADIUS) return null;
    gpu.free(this.#blurred?.texture);
    const reduction = Math.max(1, radius / this.#detail.disc);
    const size = shrink(this.#size, 1 / reduction);
    const photo = this.#photo!;
    const light = gpu.target(size.width, size.height, "floats");
    const photoStep = [photo.width / size.width, photo.height / size.height];
    const uniforms = { photo, photo_step: photoStep, curve: this.#curve, ...this.#refinement };
    gpu.draw(refineShader + lightShader, uniforms, [light]);
    const cell = Math.ceil(Math.max(size.width, size.height) / CELLS);
    const grid = () => gpu.target(Math.ceil(size.width / cell), Math.ceil(size.height / cell), "floats");
    const [cells, spread] = [grid(), grid()];
    gpu.draw(reduceShader, { source: light, block: [cell, cell] }, [cells]);
    gpu.draw(spreadShader, { cells }, [spread]);
    const texture = gpu.smoothTarget(size.width, size.height);
    gpu.draw(discShader, { light, spread, cell, curve: this.#curve, radius: radius / reduction }, [texture]);
    gpu.free(light, cells, spread);
    this.#blurred = { strength, texture };
    return texture;
  }

  #backdrop(source: Backdrop): Texture {
    if (this.#picture?.source === source) return this.#picture.texture;
    this.gpu.free(this.#picture?.texture);
    this.#picture = { source, texture: this.gpu.picture(source, source.width, source.height, true) };
    return this.#picture.texture;
  }

  /** In 8 bits after each step, as Pillow does it. */
  #resample(source: Texture, size: Size, { box, onWhite }: { box: boolean; onWhite: boolean }): Texture {
    const { gpu } = this;
    const factor = (from: number, to: number) => Math.max(1, Math.floor(from / to / REDUCING_GAP));
    const block = [factor(source.width, size.width), factor(source.height, size.height)] as const;
    const [wide, high] = [source.width / block[0], source.height / block[1]];
    const reduced = block[0] * block[1] > 1 ? gpu.target(Math.ceil(wide), Math.ceil(high), "bytes") : null;
    if (reduced) gpu.draw(reduceShader, { source, block }, [reduced]);
    const between = gpu.target(size.width, (reduced ?? source).height, "bytes");
    const result = gpu.target(size.width, size.height, "bytes");
    const across = { source: reduced ?? source, axis: [1, 0], step_: wide / size.width, box, on_white: false };
    gpu.draw(resampleShader, across, [between]);
    const down = { source: between, axis: [0, 1], step_: high / size.height, box, on_white: onWhite };
    gpu.draw(resampleShader, down, [result]);
    gpu.free(reduced, between);
    return result;
  }

  /** What was made from a photo and its matte is worth nothing with another one. */
  #forget(): void {
    this.gpu.free(this.#plain, this.#blurred?.texture, ...(this.#colours ?? []));
    this.#plain = this.#blurred = this.#colours = null;
  }
}

function shrink({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
