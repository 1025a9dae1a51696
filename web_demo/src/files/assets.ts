import { PspmError } from "../errors.ts";

/** Bytes loaded so far and in total, over all files. */
export type Progress = (loaded: number, total: number) => void;

export const CACHE = "pspm-assets";

/**
 * Load a large file from the browser's cache, or from the network and then keep it in the cache.
 *
 * sha256: hash that the file must have. A damaged copy in the cache is deleted and loaded again.
 * Throws PspmError if the file cannot be loaded or has another hash.
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
      `The model (${nameOf(url)}) is damaged: its hash is not the one in its manifest. Reload the page; ` +
        "if that does not help, build the site again.",
    );
  }
  await keep(cache, url, bytes);
  return bytes;
}

/**
 * Load a small file from the network, or from the cache when offline.
 *
 * read: parses the text. If it throws, the file is not kept in the cache.
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
  // Private windows and full disks have no cache; then every visit loads the files again.
  return "caches" in globalThis ? await caches.open(CACHE).catch(() => null) : null;
}

async function keep(cache: Cache | null, url: URL, bytes: ArrayBuffer): Promise<void> {
  // Versions of a file differ in the query of their address. Delete the old version.
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
    throw new PspmError("download", `${nameOf(url)} is missing on this site (${response.status}); build the site again.`);
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
    throw new PspmError("download", `${nameOf(url)} was not loaded completely; check the connection and try again.`);
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
