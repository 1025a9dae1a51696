import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";

const DEMO = resolve(import.meta.dirname, "..");

/** Run npm or a program of node_modules, and return what it prints. */
function run(folder: string, program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

test("a build of the module empties its folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "pspm-module-"));
  try {
    mkdirSync(join(folder, "assets"));
    const stale = join(folder, "assets/engine_worker-00000000.js");
    writeFileSync(stale, "");
    run(DEMO, resolve(DEMO, "node_modules/.bin/vite"), "build", "--mode", "module", "--outDir", folder, "--logLevel", "error");
    expect(existsSync(join(folder, "pspm-web.js"))).toBe(true);
    expect(existsSync(stale)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

let project: string;

test.beforeAll("pack the module and install it into an empty project", () => {
  project = mkdtempSync(join(tmpdir(), "pspm-package-"));
  const [packed] = JSON.parse(run(DEMO, "npm", "pack", "--json", "--pack-destination", project)) as { filename: string }[];
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  // Without the network: the packed files are unpacked, and its one dependency is the copy that is here.
  const installed = join(project, "node_modules/pspm-web");
  mkdirSync(installed, { recursive: true });
  run(project, "tar", "-xzf", packed!.filename, "--strip-components=1", "-C", installed);
  mkdirSync(join(project, "node_modules/@litertjs"));
  symlinkSync(resolve(DEMO, "node_modules/@litertjs/core"), join(project, "node_modules/@litertjs/core"));
});

test.afterAll(() => rmSync(project, { recursive: true, force: true }));

test("the package holds the module, its workers, its types and its README, and nothing else", () => {
  const installed = join(project, "node_modules/pspm-web");
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
  for (const name of ["package.json", "README.md", "dist/module/pspm-web.js", "dist/module/types/index.d.ts"]) {
    expect(files).toContain(name);
  }
  const kinds = files.map((name) => name.replace(/-[\w-]{8}\.js$/, "-HASH.js"));
  expect(kinds).toContain("dist/module/assets/engine_worker-HASH.js");
  expect(kinds).toContain("dist/module/assets/photo_worker-HASH.js");
  const other = kinds.filter((name) => !/^(package\.json|README\.md|dist\/module\/(pspm-web\.js|assets\/\w+-HASH\.js|types\/.+\.d\.ts))$/.test(name));
  expect(other).toEqual([]);
});

test("the package's version is that of the Python package", () => {
  const { version } = JSON.parse(readFileSync(resolve(DEMO, "package.json"), "utf8")) as { version: string };
  const python = readFileSync(resolve(DEMO, "../pyproject.toml"), "utf8");
  expect(/^version = "(.+)"$/m.exec(python)![1]).toBe(version);
});

test("vite bundles the package, with its workers", () => {
  writeFileSync(join(project, "index.html"), '<script type="module" src="./main.js"></script>');
  const load = "PortraitMatting.load({ bundle: 'models/', engine: 'engine/' })";
  writeFileSync(join(project, "main.js"), `import { PortraitMatting } from "pspm-web";\n${load};\n`);
  run(project, resolve(DEMO, "node_modules/.bin/vite"), "build", "--logLevel", "error");
  const built = readdirSync(join(project, "dist/assets"));
  for (const worker of ["engine_worker-", "photo_worker-"]) expect(built.filter((name) => name.startsWith(worker)).length).toBe(1);
});

test("TypeScript knows the package's types", () => {
  writeFileSync(
    join(project, "use.ts"),
    `import { type Matte, PortraitMatting, PspmError } from "pspm-web";
export async function cut(photo: Blob, signal: AbortSignal): Promise<Blob> {
  const matting = await PortraitMatting.load({ bundle: "models/", engine: "engine/" });
  const matte: Matte = await matting.matte(photo, { quality: "best", signal, onLook: (runs: number) => console.log(runs) });
  return await matte.file({ kind: "blur", strength: 0.5 }, { signal, onProgress: (done: number) => console.log(done) });
}
export const code = (error: PspmError): string => error.code;
// @ts-expect-error There is no such quality.
export const unknown = (matting: PortraitMatting, photo: Blob) => matting.cutOut(photo, { quality: "better" });
// @ts-expect-error A number is no photo.
export const wrong = (matting: PortraitMatting) => matting.cutOut(1);
`,
  );
  const options = ["--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"];
  const lib = ["--lib", "ES2023,DOM,DOM.Iterable", "--types", ""];
  run(project, resolve(DEMO, "node_modules/.bin/tsc"), ...options, ...lib, "use.ts");
});
