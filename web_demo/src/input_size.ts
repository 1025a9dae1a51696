import type { Size } from "./size.ts";

/**
 * The size rule of a network: the view has about side * side pixels, and its sides are multiples of `multiple`, at most
 * `longest`. If `sizes` is not empty, the view has one of these sizes instead.
 */
export interface InputSize {
  side: number;
  multiple: number;
  longest: number;
  sizes: Size[];
}

/** Size of the view for a photo: as near to the photo's aspect ratio as the rule allows. */
export function fit(rule: InputSize, width: number, height: number): Size {
  if (rule.sizes.length) {
    const stretch = (size: Size) => Math.abs(Math.log((size.width * height) / (size.height * width)));
    return rule.sizes.reduce((best, size) => (stretch(size) < stretch(best) ? size : best));
  }
  const scale = Math.min(rule.side / Math.sqrt(width * height), rule.longest / Math.max(width, height));
  const rounded = (length: number) =>
    Math.max(rule.multiple, roundHalfToEven((length * scale) / rule.multiple) * rule.multiple);
  return { width: rounded(width), height: rounded(height) };
}

/** The rule for views of a smaller area, side^2; the same where the network takes few sizes or has a small view. */
export function smaller(rule: InputSize, side: number): InputSize {
  if (rule.sizes.length || side >= rule.side || rule.multiple === rule.longest) return rule;
  const multiples = Math.floor(Math.floor((rule.longest * side) / rule.side) / rule.multiple);
  return { ...rule, side, longest: Math.max(rule.multiple, multiples * rule.multiple) };
}

/** Round as Python does. */
export function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + (Math.abs(below) % 2) : Math.round(x);
}
