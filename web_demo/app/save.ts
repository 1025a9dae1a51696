/** For how long an object URL that was handed out is kept, in milliseconds. */
export const URL_LIFE = 60_000;

/** Save a file through the browser's downloads. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), URL_LIFE);
}
