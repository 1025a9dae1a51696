// The page itself, kept so that it opens without a network. Model and engine are kept by the page (src/assets.ts).
const SHELL = "pspm-shell-__VERSION__";
const FILES = __FILES__;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("pspm-shell-") && name !== SHELL))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  // Some servers vary by origin, and the page asks for its own files with one and without.
  event.respondWith(
    caches
      .open(SHELL)
      .then((cache) => cache.match(request.mode === "navigate" ? "./" : request, { ignoreVary: true }))
      .then((kept) => kept ?? fetch(request)),
  );
});
