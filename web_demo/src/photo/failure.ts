import { PspmError } from "../errors.ts";
import type { Failure } from "./messages.ts";

/** An error as a message to another thread. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PspmError) return { name: error.name, code: error.code, message: error.message };
  if (error instanceof Error) return { name: error.name, code: null, message: error.message };
  return { name: "Error", code: null, message: String(error) };
}

/** The error of a message. */
export function problemOf({ name, code, message }: Failure): Error {
  if (code) return new PspmError(code, message);
  return name === "RangeError" ? new RangeError(message) : new PspmError("engine", message);
}
