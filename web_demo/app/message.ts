import { PspmError } from "../src/index.ts";
import { element } from "./element.ts";

/** Tell what went wrong, in a sentence, and offer to do it again where that can help. */
export function tell(text: string, again?: () => void): void {
  const button = element("message-again", HTMLButtonElement);
  element("message-text").textContent = text;
  button.hidden = !again;
  button.onclick = () => {
    silence();
    again?.();
  };
  element("message-close").onclick = silence;
  element("message").hidden = false;
}

export function silence(): void {
  element("message").hidden = true;
}

/** What to say of an error: our own have their sentence, others are not expected. */
export function sentence(error: unknown): string {
  if (error instanceof PspmError) return error.message;
  console.error(error);
  return `Something unexpected happened (${error instanceof Error ? error.message : String(error)}); reload the page.`;
}
