/** RGB in [0, 1] of "#rgb" or "#rrggbb". Throws RangeError for anything else. */
export function parseColour(text: string): [number, number, number] {
  if (!/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)) {
    throw new RangeError(`${text} is not a colour; write it as #rrggbb, for example #20a0ff`);
  }
  const digits = text.length === 4 ? text.replace(/[0-9a-f]/gi, "$&$&") : text;
  const channel = (start: number) => parseInt(digits.slice(start, start + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}
