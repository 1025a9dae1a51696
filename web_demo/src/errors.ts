/** What went wrong, for a program to act on; the message is one sentence for a person, with the remedy. */
export type ErrorCode = "insecure" | "graphics" | "download" | "damaged" | "manifest" | "engine" | "photo" | "huge";

export class PspmError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = "PspmError";
    this.code = code;
  }
}
