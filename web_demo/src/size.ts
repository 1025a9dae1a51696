export interface Size {
  width: number;
  height: number;
}

/** A size times scale, rounded, at least one pixel. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
