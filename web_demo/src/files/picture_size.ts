import type { Size } from "../size.ts";

/** Size in the header of a PNG, JPEG, GIF or WebP file; null for other files. head: the first bytes of the file. */
export function pictureSize(head: Uint8Array): Size | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    if (starts(head, 0, "\x89PNG")) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (starts(head, 0, "GIF8")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (starts(head, 0, "RIFF") && starts(head, 8, "WEBP")) return webp(head, view);
    if (starts(head, 0, "\xff\xd8")) return jpeg(view);
  } catch (error) {
    // The header is longer than `head`; the size is checked after decoding.
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

function starts(bytes: Uint8Array, at: number, text: string): boolean {
  return [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
}

function webp(head: Uint8Array, view: DataView): Size | null {
  if (starts(head, 12, "VP8X")) {
    const length = (at: number) => 1 + (view.getUint16(at, true) | (view.getUint8(at + 2) << 16));
    return { width: length(24), height: length(27) };
  }
  if (starts(head, 12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

function jpeg(view: DataView): Size | null {
  let at = 2;
  for (;;) {
    while (view.getUint8(at) === 0xff && view.getUint8(at + 1) === 0xff) at++;
    const marker = view.getUint8(at + 1);
    // Start of frame. C4, C8 and CC are tables.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
}
