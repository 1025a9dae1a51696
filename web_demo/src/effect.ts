/** A picture that can become the new background. */
export type BackgroundPicture = ImageBitmap | HTMLCanvasElement | OffscreenCanvas;

/** What to draw: the photo, its matte, or the person with another background. */
export type Effect =
  | { kind: "photo" }
  | { kind: "matte" }
  | { kind: "cutout" }
  /** colour: "#rgb" or "#rrggbb" */
  | { kind: "colour"; colour: string }
  /** The picture covers the photo and is cropped around its centre. */
  | { kind: "picture"; picture: BackgroundPicture }
  /** Depth of field. strength: from 0 to 1. */
  | { kind: "blur"; strength: number };
