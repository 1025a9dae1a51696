import { TEXTS, type TextName } from "./texts.ts";

export type Language = "en" | "de";

/** The first of the user's languages that the page has. */
export const LANGUAGE: Language = languageOf(globalThis.navigator?.languages ?? []);

const ATTRIBUTES = ["title", "aria-label", "content", "data-drop"] as const;

/** The {names} in a text. */
type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<Name extends TextName> = Names<(typeof TEXTS)[Name]["en"]>;

export function languageOf(wanted: readonly string[]): Language {
  return wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((code) => code === "en" || code === "de") ?? "en";
}

/** A text in the user's language, with values for its {names}. */
export function text<Name extends TextName>(
  name: Name,
  ...[values]: [Values<Name>] extends [never] ? [] : [Record<Values<Name>, string | number>]
): string {
  const known: Record<string, string | number> = values ?? {};
  return TEXTS[name][LANGUAGE].replace(/\{(\w+)\}/g, (_, key: string) => String(known[key]));
}

/** A number as the user's language writes it. */
export function number(value: number, digits: number): string {
  const exact = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
  return value.toLocaleString(LANGUAGE, exact);
}

/** Put the user's language into the page, which the build has written in English. */
export function translatePage(): void {
  document.documentElement.lang = LANGUAGE;
  if (LANGUAGE === "en") return;
  const textOf = (element: Element, key: string) => TEXTS[element.getAttribute(key) as TextName][LANGUAGE];
  // Some texts have tags; none has a value from outside.
  for (const element of document.querySelectorAll("[data-text]")) element.innerHTML = textOf(element, "data-text");
  for (const attribute of ATTRIBUTES) {
    const key = `data-text-${attribute}`;
    for (const element of document.querySelectorAll(`[${key}]`)) element.setAttribute(attribute, textOf(element, key));
  }
}

/** A number of threads in words. */
export function threadsText(count: number): string {
  return count === 1 ? text("oneThread") : text("threads", { count });
}
