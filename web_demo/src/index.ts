/** Portrait matting in the browser: photo or camera in, soft alpha matte out, nothing sent anywhere. */

export type { Progress } from "./assets.ts";
export { CameraMatting, type FrameTimes } from "./camera_matting.ts";
export type { Effect } from "./effect.ts";
export type { Delegate } from "./engine.ts";
export { type ErrorCode, PspmError } from "./errors.ts";
export type { Manifest, Size } from "./manifest.ts";
export { Matte } from "./matte.ts";
export type { PhotoInput } from "./photo.ts";
export { type LoadOptions, PortraitMatting } from "./portrait_matting.ts";
