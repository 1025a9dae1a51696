// node scripts/engines.mjs [ROUNDS]    compare LiteRT.js with onnxruntime-web on the same network in chromium
//
// Each engine runs in a worker, at 512 x 512 in fp32, on one thread. The engines take turns, so that other load on the
// machine affects both. Prints a table and compares the fastest rounds, which other load affects least.
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { chromium } from "@playwright/test";
import { build } from "vite";

const ROUNDS = Number(process.argv[2] ?? 8);
const SIDE = 512;
const demo = resolve(import.meta.dirname, "..");
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

const LITERT = `
import { Tensor, loadAndCompile, loadLiteRt } from "@litertjs/core";
self.Module = { locateFile: (name) => "/node_modules/@litertjs/core/wasm/" + name };
let model, input;
self.start = async () => {
  await loadLiteRt("/node_modules/@litertjs/core/wasm/");
  const bytes = await (await fetch("/models/photo/model.tflite")).arrayBuffer();
  model = await loadAndCompile(new Uint8Array(bytes), { accelerator: "wasm" });
  input = Float32Array.from({ length: 3 * ${SIDE} ** 2 }, (_, i) => (i * 37) % 255);
};
self.run = async () => {
  const image = new Tensor(input, [1, ${SIDE}, ${SIDE}, 3]);
  const [alpha] = await model.run(image);
  await alpha.data();
  alpha.delete();
  image.delete();
};`;

const ONNX = `
import * as ort from "onnxruntime-web/wasm";
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = "/node_modules/onnxruntime-web/dist/";
let session, input;
self.start = async () => {
  session = await ort.InferenceSession.create("/models/onnx/model.onnx", { executionProviders: ["wasm"] });
  input = Float32Array.from({ length: 3 * ${SIDE} ** 2 }, (_, i) => ((i * 37) % 255) / 127.5 - 1);
};
self.run = async () => {
  const { alpha } = await session.run({ image: new ort.Tensor("float32", input, [1, 3, ${SIDE}, ${SIDE}]) });
  await alpha.getData();
};`;

const LOOP = `
self.onmessage = async ({ data }) => {
  try {
    const start = performance.now();
    await self[data]();
    self.postMessage({ ms: performance.now() - start });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};`;

async function bundle(source, format) {
  const entry = resolve(demo, "build/engine_entry.js");
  const plugin = { name: "entry", resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? source + LOOP : null) };
  const options = { entry, formats: [format], name: "engine", fileName: "engine" };
  const [output] = await build({
    root: demo,
    configFile: false,
    publicDir: false,
    logLevel: "error",
    plugins: [plugin],
    build: { lib: options, write: false, target: "es2022" },
  });
  return output.output[0].code;
}

const scripts = { "/litert.js": await bundle(LITERT, "iife"), "/onnx.js": await bundle(ONNX, "es"), "/": "<!doctype html>" };
const server = createServer(({ url }, response) => {
  const path = new URL(url, "http://localhost").pathname;
  const file = join(demo, path);
  const type = TYPES[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream";
  if (path in scripts) return response.writeHead(200, { "Content-Type": type }).end(scripts[path]);
  if (!existsSync(file) || statSync(file).isDirectory()) return response.writeHead(404).end();
  createReadStream(file).pipe(response.writeHead(200, { "Content-Type": type }));
}).listen(0, "127.0.0.1");

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);
const ask = (name, question) =>
  page.evaluate(
    async ([name, question]) => {
      const workers = (window.workers ??= {});
      const worker = (workers[name] ??= new Worker(`/${name}.js`, { type: name === "onnx" ? "module" : "classic" }));
      const answer = await new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve({ error: message });
        worker.postMessage(question);
      });
      if (answer.error) throw new Error(answer.error);
      return answer.ms;
    },
    [name, question],
  );

const version = (name) => JSON.parse(readFileSync(resolve(demo, "node_modules", name, "package.json"), "utf8")).version;
const megabytes = (...parts) => (statSync(resolve(demo, ...parts)).size / 1e6).toFixed(1);
const ENGINES = {
  litert: {
    name: `LiteRT.js ${version("@litertjs/core")}`,
    wasm: megabytes("node_modules/@litertjs/core/wasm/litert_wasm_internal.wasm"),
    model: megabytes("models/photo/model.tflite"),
  },
  onnx: {
    name: `onnxruntime-web ${version("onnxruntime-web")}`,
    wasm: megabytes("node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"),
    model: megabytes("models/onnx/model.onnx"),
  },
};
const times = { litert: [], onnx: [] };
for (const name of Object.keys(ENGINES)) ENGINES[name].start = await ask(name, "start");
for (const name of Object.keys(ENGINES)) await ask(name, "run");
for (let round = 0; round < ROUNDS; round++) for (const name of Object.keys(ENGINES)) times[name].push(await ask(name, "run"));
await browser.close();
server.close();

console.log("| engine | wasm MB | model MB | start ms | fastest ms | median ms |\n| --- | --- | --- | --- | --- | --- |");
for (const [name, { name: title, wasm, model, start }] of Object.entries(ENGINES)) {
  const ranked = times[name].sort((a, b) => a - b);
  const figures = [start, ranked[0], ranked[ranked.length >> 1]].map((ms) => ms.toFixed(0));
  console.log(`| ${title} | ${wasm} | ${model} | ${figures.join(" | ")} |`);
}
const [litert, onnx] = [times.litert, times.onnx];
console.log(`onnxruntime-web takes ${(onnx[0] / litert[0]).toFixed(2)} times as long by the fastest round.`);
