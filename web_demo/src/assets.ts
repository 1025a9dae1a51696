import { PspmError } from "./errors.ts";

/** Bytes that came and bytes in all, summed over everything that is being loaded. */
export type Progress = (loaded: number, total: number) => void;

export const CACHE = "pspm-assets";

/**
 * A file of the site: from the cache of an earlier visit, or from the network and then into the cache.
 *
 * sha256: what the bytes must hash to; a damaged copy in the cache is fetched again, once, and never kept.
 * Throws PspmError where the file cannot be had, or is not the one that is wanted.
 */
export async function fetchAsset(
  url: URL,
  options: { sha256?: string; onBytes?: (loaded: number) => void } = {},
): Promise<ArrayBuffer> {
  const cache = await openCache();
  const kept = await cache?.match(url, { ignoreVary: true });
  if (kept) {
    const bytes = await kept.arrayBuffer();
    if (!options.sha256 || (await sha256(bytes)) === options.sha256) {
      options.onBytes?.(bytes.byteLength);
      return bytes;
    }
    await cache?.delete(url, { ignoreVary: true });
  }
  const bytes = await download(url, options.onBytes);
  if (options.sha256 && (await sha256(bytes)) !== options.sha256) {
    throw new PspmError(
      "damaged",
      `The model (${nameOf(url)}) arrived damaged: it is not the file that its manifest names. Reload the page; ` +
        "if that does not help, the site has to be built again.",
    );
  }
  await keep(cache, url, bytes);
  return bytes;
}

/**
 * A small file that says which others to load: the network's word first, the cache's where there is none.
 *
 * read: makes of its text what is wanted, and throws for a file that is not to be kept.
 */
export async function fetchFresh<T>(url: URL, read: (text: string) => T): Promise<T> {
  const cache = await openCache();
  let bytes: ArrayBuffer;
  try {
    bytes = await download(url);
  } catch (error) {
    const kept = await cache?.match(url, { ignoreVary: true });
    if (!kept) throw error;
    return read(await kept.text());
  }
  const made = read(new TextDecoder().decode(bytes));
  await keep(cache, url, bytes);
  return made;
}

async function openCache(): Promise<Cache | null> {
  // Private windows and full disks refuse; then every visit loads anew.
  return "caches" in globalThis ? await caches.open(CACHE).catch(() => null) : null;
}

async function keep(cache: Cache | null, url: URL, bytes: ArrayBuffer): Promise<void> {
  // Versions of a file differ behind the question mark: the new one drives the old one out.
  await cache?.delete(url, { ignoreSearch: true, ignoreVary: true });
  const type = url.pathname.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  await cache?.put(url, new Response(bytes, { headers: { "Content-Type": type } })).catch(() => undefined);
}

async function download(url: URL, onBytes?: (loaded: number) => void): Promise<ArrayBuffer> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new PspmError("download", `${nameOf(url)} could not be loaded; check the connection and try again.`);
  }
  if (!response.ok || !response.body) {
    throw new PspmError("download", `${nameOf(url)} is missing on this site (${response.status}); build it again.`);
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  try {
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      loaded += part.value.byteLength;
      onBytes?.(loaded);
    }
  } catch {
    throw new PspmError("download", `${nameOf(url)} broke off while loading; check the connection and try again.`);
  }
  return await new Blob(parts).arrayBuffer();
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function nameOf(url: URL): string {
  return url.pathname.split("/").slice(-2).join("/");
}
