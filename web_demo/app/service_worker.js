// Caches the page's own files for use offline. The page caches model and engine itself (src/files/assets.ts).
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
  // Ignore Vary: some servers vary by Origin, and only some of the page's requests send it.
  event.respondWith(
    caches
      .open(SHELL)
      .then((cache) => cache.match(request.mode === "navigate" ? "./" : request, { ignoreVary: true }))
      .then((kept) => kept ?? fetch(request)),
  );
});
