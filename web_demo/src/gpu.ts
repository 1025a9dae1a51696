import * as constants from "./constants.ts";
import { PspmError } from "./errors.ts";
import { nextTask } from "./next_task.ts";
import { allShaders } from "./shaders.ts";

export type Picture = ImageBitmap | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas | ImageData;

export interface Texture {
  readonly texture: WebGLTexture;
  readonly width: number;
  readonly height: number;
  /** Kind and size, by which a freed texture is found and used again. */
  readonly shape: string;
}

// Freed textures are kept for the next camera frame, except large ones.
const SPARE_PIXELS = 1920 * 1080;
const SPARES = 24;
// Milliseconds for which to wait for the GPU without a pause, and between two looks after that.
const BUSY_WAIT = 3;
const TIMER = 2;
// Bands of a picture that may wait for the GPU.
const WAITING_BANDS = 8;

type Uniform = number | boolean | readonly number[] | Texture;

const VERTEX = `#version 300 es
void main() {
  // One triangle that covers the whole target.
  gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1);
}`;

// Start of every fragment shader. Constants are uniforms: compilers fold GLSL constants, which changes the last bits.
const PRELUDE = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
${Object.keys(constants)
  .map((name) => `uniform float ${name};`)
  .join("\n")}
`;

/** WebGL 2 as this module uses it: fragment shaders that read textures and write textures. Row 0 is at the top. */
export class Gpu {
  readonly canvas: HTMLCanvasElement | OffscreenCanvas;
  readonly largest: number;
  readonly #gl: WebGL2RenderingContext;
  readonly #floats: number;
  readonly #programs = new Map<string, WebGLProgram>();
  /** Programs that the browser compiles in the background. */
  readonly #linking = new Map<string, WebGLProgram>();
  readonly #frame: WebGLFramebuffer;
  readonly #owned = new Set<WebGLTexture>();
  #spare: Texture[] = [];

  constructor(canvas: HTMLCanvasElement | OffscreenCanvas) {
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      depth: false,
      preserveDrawingBuffer: true,
      powerPreference: "high-performance",
    }) as WebGL2RenderingContext | null;
    const full = gl?.getExtension("EXT_color_buffer_float");
    if (!gl || !(full || gl.getExtension("EXT_color_buffer_half_float"))) {
      throw new PspmError(
        "graphics",
        "This browser lacks WebGL 2 with float textures; update it or turn on hardware acceleration.",
      );
    }
    this.canvas = canvas;
    this.#gl = gl;
    this.#floats = full ? gl.RGBA32F : gl.RGBA16F;
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    this.#frame = gl.createFramebuffer();
    gl.disable(gl.DITHER);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.PACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  }

  get lost(): boolean {
    return this.#gl.isContextLost();
  }

  /** Name of the graphics device, if the browser reveals it. */
  get device(): string {
    const gl = this.#gl;
    const known = gl.getExtension("WEBGL_debug_renderer_info");
    return String(gl.getParameter(known ? known.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  }

  /** A texture to draw into: RGBA in 8 bits, or RGBA floats. */
  target(width: number, height: number, kind: "bytes" | "floats"): Texture {
    const gl = this.#gl;
    const { made, fresh } = this.#texture(width, height, kind);
    if (fresh) gl.texStorage2D(gl.TEXTURE_2D, 1, kind === "bytes" ? gl.RGBA8 : this.#floats, width, height);
    return made;
  }

  /** Upload a picture with straight alpha. mipmaps: also make smaller copies, for drawing it small. */
  picture(source: Picture, width: number, height: number, mipmaps: boolean): Texture {
    const gl = this.#gl;
    const { made } = this.#texture(width, height, mipmaps ? "still" : "frame");
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, source);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, mipmaps ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR);
    if (mipmaps) gl.generateMipmap(gl.TEXTURE_2D);
    return made;
  }

  /**
   * Upload a picture in bands of rows, from the top, with time for the browser's other tasks after each. Makes smaller
   * copies too, as `picture` does with mipmaps. Closes the bands.
   */
  async bands(bands: readonly ImageBitmap[], { width, height }: { width: number; height: number }): Promise<Texture> {
    const gl = this.#gl;
    const { made, fresh } = this.#texture(width, height, "bands");
    const levels = 1 + Math.floor(Math.log2(Math.max(width, height)));
    if (fresh) gl.texStorage2D(gl.TEXTURE_2D, levels, gl.RGBA8, width, height);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    let top = 0;
    for (const [i, band] of bands.entries()) {
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, made.texture);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, top, gl.RGBA, gl.UNSIGNED_BYTE, band);
      top += band.height;
      band.close();
      // The browser copies the pixels for the GPU's process. When too many wait there, the next copy waits, too.
      await (i % WAITING_BANDS === 0 ? this.drawn() : nextTask());
    }
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, made.texture);
    gl.generateMipmap(gl.TEXTURE_2D);
    return made;
  }

  /** Upload one number per pixel, row by row. */
  numbers(values: Float32Array, width: number, height: number): Texture {
    const gl = this.#gl;
    const { made } = this.#texture(width, height, "numbers");
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, width, height, 0, gl.RED, gl.FLOAT, values);
    return made;
  }

  /** Upload RGBA bytes, row by row. */
  bytes(values: Uint8Array, { width, height }: { width: number; height: number }): Texture {
    const gl = this.#gl;
    const texture = this.target(width, height, "bytes");
    gl.bindTexture(gl.TEXTURE_2D, texture.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, values);
    return texture;
  }

  /** A texture of bytes to draw into, which is interpolated when it is drawn at another size. */
  smoothTarget(width: number, height: number): Texture {
    const gl = this.#gl;
    const { made, fresh } = this.#texture(width, height, "smooth");
    if (fresh) gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, width, height);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    return made;
  }

  /**
   * Run a fragment shader for every pixel of the targets, or of the canvas if there are none.
   *
   * region: left, top, width and height of the part of the targets to draw; all of them by default.
   * Uniforms that the shader does not have are ignored.
   */
  draw(
    shader: string,
    uniforms: Record<string, Uniform>,
    targets: readonly Texture[],
    region?: readonly [left: number, top: number, width: number, height: number],
  ): void {
    const gl = this.#gl;
    const program = this.#program(shader);
    gl.useProgram(program);
    let unit = 0;
    for (const [name, value] of Object.entries(uniforms)) {
      const place = gl.getUniformLocation(program, name);
      if (!place) continue;
      if (typeof value === "object" && "texture" in value) {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(gl.TEXTURE_2D, value.texture);
        gl.uniform1i(place, unit++);
      } else {
        this.#set(program, name, place, value);
      }
    }
    this.#bind(targets);
    const [first] = targets;
    const whole = [0, 0, first?.width ?? gl.drawingBufferWidth, first?.height ?? gl.drawingBufferHeight] as const;
    gl.viewport(...(region ?? whole));
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** RGBA bytes of a texture of bytes, row by row from the top. */
  read(texture: Texture): Uint8Array<ArrayBuffer> {
    const gl = this.#gl;
    this.#bind([texture]);
    const bytes = new Uint8Array(texture.width * texture.height * 4);
    gl.readPixels(0, 0, texture.width, texture.height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    this.#checkLost();
    return bytes;
  }

  /** The bytes that `read` gives, without blocking this thread until the GPU has drawn them. */
  async readLater(texture: Texture): Promise<Uint8Array<ArrayBuffer>> {
    const gl = this.#gl;
    const bytes = new Uint8Array(texture.width * texture.height * 4);
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, bytes.length, gl.STREAM_READ);
    this.#bind([texture]);
    gl.readPixels(0, 0, texture.width, texture.height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    try {
      await this.drawn();
      this.#checkLost();
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, bytes);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      return bytes;
    } finally {
      gl.deleteBuffer(buffer);
    }
  }

  /** Resolves when the GPU has done all that it was asked to do so far. */
  async drawn(): Promise<void> {
    const gl = this.#gl;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)!;
    gl.flush();
    const start = performance.now();
    while (!this.lost && gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) {
      // Asking again at once is exact, and takes a core. After some milliseconds a timer is exact enough.
      if (performance.now() - start < BUSY_WAIT) await nextTask();
      else await new Promise((resolve) => setTimeout(resolve, TIMER));
    }
    gl.deleteSync(fence);
  }

  #checkLost(): void {
    if (this.lost) throw new PspmError("graphics", "The graphics processor stopped; reload the page.");
  }

  /** Wait until the GPU has finished drawing, to measure the time. */
  finish(): void {
    const gl = this.#gl;
    this.#bind([]);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  /** Give textures back for reuse. */
  free(...textures: (Texture | null | undefined)[]): void {
    for (const texture of textures) {
      if (!texture || this.#spare.includes(texture)) continue;
      if (texture.width * texture.height <= SPARE_PIXELS) this.#spare.push(texture);
      else this.#delete(texture);
    }
    while (this.#spare.length > SPARES) this.#delete(this.#spare.shift()!);
  }

  close(): void {
    for (const texture of this.#owned) this.#gl.deleteTexture(texture);
    this.#owned.clear();
    this.#spare = [];
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #delete({ texture }: Texture): void {
    this.#gl.deleteTexture(texture);
    this.#owned.delete(texture);
  }

  /** A bound texture: a freed one of the same shape, or a fresh one without storage. */
  #texture(width: number, height: number, kind: string): { made: Texture; fresh: boolean } {
    const gl = this.#gl;
    const shape = `${kind} ${width} ${height}`;
    const place = this.#spare.findIndex((spare) => spare.shape === shape);
    if (place >= 0) {
      const [made] = this.#spare.splice(place, 1) as [Texture];
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, made.texture);
      return { made, fresh: false };
    }
    const texture = gl.createTexture();
    this.#owned.add(texture);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
      gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    }
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    }
    return { made: { texture, width, height, shape }, fresh: true };
  }

  #bind(targets: readonly Texture[]): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, targets.length ? this.#frame : null);
    if (!targets.length) return;
    for (const place of [0, 1]) {
      const texture = targets[place]?.texture ?? null;
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + place, gl.TEXTURE_2D, texture, 0);
    }
    gl.drawBuffers(targets.map((_, place) => gl.COLOR_ATTACHMENT0 + place));
  }

  #set(program: WebGLProgram, name: string, place: WebGLUniformLocation, value: Exclude<Uniform, Texture>): void {
    const gl = this.#gl;
    const numbers = typeof value === "object" ? [...value] : [Number(value)];
    switch (this.#kind(program, name)) {
      case gl.FLOAT:
        return gl.uniform1fv(place, numbers);
      case gl.FLOAT_VEC2:
        return gl.uniform2fv(place, numbers);
      case gl.FLOAT_VEC3:
        return gl.uniform3fv(place, numbers);
      case gl.FLOAT_VEC4:
        return gl.uniform4fv(place, numbers);
      case gl.INT_VEC2:
        return gl.uniform2iv(place, numbers);
      default:
        return gl.uniform1iv(place, numbers);
    }
  }

  readonly #kinds = new Map<WebGLProgram, Map<string, number>>();

  #kind(program: WebGLProgram, name: string): number | undefined {
    let kinds = this.#kinds.get(program);
    if (!kinds) {
      const gl = this.#gl;
      kinds = new Map();
      for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
        const active = gl.getActiveUniform(program, i)!;
        kinds.set(active.name, active.type);
      }
      this.#kinds.set(program, kinds);
    }
    return kinds.get(name);
  }

  /** Compile all shaders, without this thread waiting for it. A shader that is needed before that is waited for. */
  async compile(): Promise<void> {
    const gl = this.#gl;
    const parallel = gl.getExtension("KHR_parallel_shader_compile");
    for (const shader of allShaders()) if (!this.#programs.has(shader)) this.#linking.set(shader, this.#link(shader));
    await this.drawn();
    for (const [shader, program] of [...this.#linking]) {
      while (parallel && !this.lost && !gl.getProgramParameter(program, parallel.COMPLETION_STATUS_KHR)) {
        await new Promise((resolve) => setTimeout(resolve, TIMER));
      }
      // Each first question about a program is a round trip to the GPU's process.
      this.#program(shader);
      await nextTask();
    }
  }

  #program(shader: string): WebGLProgram {
    const known = this.#programs.get(shader);
    if (known) return known;
    const gl = this.#gl;
    const program = this.#linking.get(shader) ?? this.#link(shader);
    this.#linking.delete(shader);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !this.lost) {
      const shaders = gl.getAttachedShaders(program) ?? [];
      const log = shaders.map((one) => gl.getShaderInfoLog(one)).join(" ") + gl.getProgramInfoLog(program);
      throw new PspmError("graphics", `The graphics driver rejected a shader (${log.trim()}); update the browser.`);
    }
    gl.useProgram(program);
    for (const [name, value] of Object.entries(constants)) gl.uniform1f(gl.getUniformLocation(program, name), value);
    this.#programs.set(shader, program);
    return program;
  }

  #link(shader: string): WebGLProgram {
    const gl = this.#gl;
    const program = gl.createProgram();
    for (const [kind, text] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, PRELUDE + shader],
    ] as const) {
      const compiled = gl.createShader(kind)!;
      gl.shaderSource(compiled, text);
      gl.compileShader(compiled);
      gl.attachShader(program, compiled);
      gl.deleteShader(compiled);
    }
    gl.linkProgram(program);
    return program;
  }
}
