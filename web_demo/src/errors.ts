/** The kind of error, for programs. */
export type ErrorCode = "insecure" | "graphics" | "download" | "damaged" | "manifest" | "engine" | "photo" | "huge";

/** An error whose message can be shown to the user: one sentence with what is wrong and the remedy. */
export class PspmError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = "PspmError";
    this.code = code;
  }
}
