const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const COLOUR_TYPES = { 1: 0, 3: 2, 4: 6 } as const;
const FILTER_UP = 2;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/**
 * Encodes a PNG strip by strip: grey (1 channel), RGB (3) or RGBA with straight alpha (4). Rows use the filter "Up".
 *
 * A canvas would premultiply, which loses the colours of thin hair, and would need the whole picture at once.
 */
export class PngWriter {
  readonly #header: Uint8Array<ArrayBuffer>;
  readonly #stride: number;
  readonly #deflate = new CompressionStream("deflate");
  readonly #sink = this.#deflate.writable.getWriter();
  readonly #packed = new Response(this.#deflate.readable).arrayBuffer();
  #above: Uint8Array;

  constructor(width: number, height: number, channels: 1 | 3 | 4) {
    const header = new Uint8Array(13);
    const view = new DataView(header.buffer);
    view.setUint32(0, width);
    view.setUint32(4, height);
    header.set([8, COLOUR_TYPES[channels], 0, 0, 0], 8);
    this.#header = header;
    this.#stride = width * channels;
    this.#above = new Uint8Array(this.#stride);
    // A failure is reported by `add` or `end`.
    this.#packed.catch(() => undefined);
  }

  /** Add whole rows, channels interleaved. */
  async add(rows: Uint8Array<ArrayBuffer>): Promise<void> {
    const stride = this.#stride;
    const count = rows.length / stride;
    const coded = new Uint8Array(count * (stride + 1));
    let above = this.#above;
    for (let row = 0; row < count; row++) {
      const own = rows.subarray(row * stride, (row + 1) * stride);
      const to = row * (stride + 1);
      coded[to] = FILTER_UP;
      for (let i = 0; i < stride; i++) coded[to + 1 + i] = own[i]! - above[i]!;
      above = own;
    }
    this.#above = above.slice();
    await this.#sink.write(coded);
  }

  /** The finished file. */
  async end(): Promise<Blob> {
    await this.#sink.close();
    const pixels = new Uint8Array(await this.#packed);
    const parts = [SIGNATURE, chunk("IHDR", this.#header), chunk("IDAT", pixels), chunk("IEND", new Uint8Array(0))];
    return new Blob(parts, { type: "image/png" });
  }
}

function chunk(kind: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set([...kind].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC_TABLE[(c ^ byte) & 0xff]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
