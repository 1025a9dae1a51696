import { PspmError } from "../src/index.ts";
import { element } from "./element.ts";
import { text } from "./language.ts";

/** Show an error message, with a button to try again if `again` is given. */
export function showMessage(sentence: string, again?: () => void): void {
  const button = element("message-again", HTMLButtonElement);
  element("message-text").textContent = sentence;
  button.hidden = !again;
  button.onclick = () => {
    hideMessage();
    again?.();
  };
  element("message-close").onclick = hideMessage;
  element("message").hidden = false;
}

export function hideMessage(): void {
  element("message").hidden = true;
}

/** The message to show for an error. A PspmError has one, in English with details; others are unexpected. */
export function describeError(error: unknown): string {
  if (error instanceof PspmError) return error.code === "insecure" ? text("insecure") : error.message;
  console.error(error);
  return text("unexpected", { reason: error instanceof Error ? error.message : String(error) });
}
