import { inflateSync } from "node:zlib";

export interface Pixels {
  width: number;
  height: number;
  channels: number;
  bytes: Uint8Array;
}

/** Decode an 8-bit grey, RGB or RGBA PNG with "Up" filters only, as the Python and the web encoder write. */
export function decodePng(file: Buffer): Pixels {
  const [width, height, kind] = [file.readUInt32BE(16), file.readUInt32BE(20), file[25]!];
  const channels = { 0: 1, 2: 3, 6: 4 }[kind];
  if (!channels) throw new Error(`colour type ${kind} is not supported`);
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const coded = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const bytes = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    if (coded[y * (stride + 1)] !== 2) throw new Error(`filter ${coded[y * (stride + 1)]} is not supported`);
    for (let i = 0; i < stride; i++) {
      bytes[y * stride + i] = coded[y * (stride + 1) + 1 + i]! + (y ? bytes[(y - 1) * stride + i]! : 0);
    }
  }
  return { width, height, channels, bytes };
}

/** Mean of |a - b| over a channel, as a share of 255, over the pixels for which `where` is true. */
export function meanError(a: Pixels, b: Pixels, channel: number, where: (i: number) => boolean = () => true): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < a.width * a.height; i++) {
    if (!where(i)) continue;
    sum += Math.abs(a.bytes[i * a.channels + channel]! - b.bytes[i * b.channels + channel]!);
    count++;
  }
  return sum / count / 255;
}
