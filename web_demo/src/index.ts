/** Portrait matting in the browser: photo or camera in, soft alpha matte out. Nothing is sent anywhere. */

export type { Bundle } from "./bundle.ts";
export { CameraMatting, type FrameTimes } from "./camera_matting.ts";
export { PERSON_SHARE, QUALITY } from "./constants.ts";
export type { BackgroundPicture, Effect } from "./effect.ts";
export type { Delegate } from "./engines/engine.ts";
export { type ErrorCode, PspmError } from "./errors.ts";
export type { Progress } from "./files/assets.ts";
export type { PhotoInput } from "./files/photo.ts";
export type { InputSize } from "./input_size.ts";
export { DEFAULT_QUALITY, QUALITIES, type Quality } from "./looks/quality.ts";
export { type FileOptions, Matte } from "./matte.ts";
export type { ResultOptions } from "./photo/remote_photos.ts";
export { type Alpha, type LoadOptions, type PhotoOptions, PortraitMatting } from "./portrait_matting.ts";
export type { Size } from "./size.ts";
