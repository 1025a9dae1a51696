import type { PortraitMatting } from "../src/index.ts";
import { BenchmarkPage } from "./benchmark/benchmark_page.ts";
import { Controls } from "./controls.ts";
import { element } from "./element.ts";
import { number, text, threadsText, translatePage } from "./language.ts";
import { LivePage } from "./live_page.ts";
import { describeError, hideMessage, showMessage } from "./message.ts";
import { type Use, loadModel, prefetchModel } from "./models.ts";
import { PhotoPage } from "./photo_page.ts";

const TABS = ["live", "photo", "bench"] as const;
type Tab = (typeof TABS)[number];

translatePage();
const loaded: Partial<Record<Use, Promise<PortraitMatting>>> = {};
const controls = new Controls();
const photo = new PhotoPage(() => matting("photo"), controls);
const live = new LivePage(() => matting("live"), controls);
new BenchmarkPage();

let drawing = 0;
controls.onChange = () => {
  document.documentElement.dataset["effect"] = controls.effect.kind;
  // A slider changes more often than the screen is drawn.
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(() => photo.show());
};
controls.onChange();

/** The model for a use, loaded once. After a failure the next call loads again. */
function matting(use: Use): Promise<PortraitMatting> {
  return (loaded[use] ??= load(use).catch((error: unknown) => {
    delete loaded[use];
    throw error;
  }));
}

async function load(use: Use): Promise<PortraitMatting> {
  const status = element("engine-text");
  const bar = element("engine-progress", HTMLProgressElement);
  status.textContent = text("loading");
  bar.classList.remove("done");
  const canvas = element(`${use}-canvas`, HTMLCanvasElement);
  canvas.addEventListener("webglcontextlost", () => {
    showMessage(text("graphicsStopped"), () => location.reload());
  });
  try {
    const started = await loadModel(use, {
      canvas,
      onProgress: (now, total) => {
        bar.value = (100 * now) / total;
        const megabytes = { now: number(now / 1e6, 1), total: number(total / 1e6, 1) };
        status.textContent = now < total ? text("loadingBytes", megabytes) : text("starting");
      },
    });
    const { delegate, threads } = started.engine;
    if (delegate === "webgpu") status.textContent = text("runsOnGpu");
    else status.textContent = threads === 1 ? text("runsOnCore") : text("runsOnCores", { count: threads });
    describe(started);
    return started;
  } catch (error) {
    status.textContent = text("notLoaded");
    throw error;
  } finally {
    bar.classList.add("done");
  }
}

function describe({ bundle, engine }: PortraitMatting): void {
  element("about-model").textContent = `${bundle.name}, ${bundle.precision}, sha256 ${bundle.sha256.slice(0, 12)}`;
  element("about-engine").textContent = `${engine.name}, ${engine.delegate}, ${threadsText(engine.threads)}`;
  element("about-licence").textContent = bundle.licence;
  element("about-data").textContent = bundle.data;
}

async function loadAtStart(use: Use): Promise<void> {
  try {
    await matting(use);
  } catch (error) {
    showMessage(describeError(error), () => void loadAtStart(use));
  }
}

function open(tab: Tab, focus = false): void {
  for (const name of TABS) {
    const button = element(`tab-${name}`);
    const chosen = name === tab;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
    element(name).hidden = !chosen;
    if (chosen && focus) button.focus();
  }
  element("controls").hidden = tab === "bench";
  document.querySelector("main")!.classList.toggle("wide", tab === "bench");
  for (const part of element("actions").querySelectorAll<HTMLElement>("[data-for]")) {
    part.hidden = part.dataset["for"] !== tab;
  }
  if (tab !== "live") live.stop();
  if (tab === "photo") photo.show();
  if (tab !== "bench") void loadAtStart(tab);
  history.replaceState(null, "", `#${tab}`);
}

function wireTabs(): void {
  TABS.forEach((name, i) => {
    const button = element(`tab-${name}`);
    button.onclick = () => open(name);
    button.onkeydown = ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step) open(TABS[(i + step + TABS.length) % TABS.length]!, true);
    };
  });
}

function wireFiles(): void {
  const stage = element("photo-stage");
  const take = (data: DataTransfer | null) => {
    const file = [...(data?.files ?? [])].find((one) => one.type.startsWith("image/")) ?? data?.files[0];
    if (!file) return false;
    open("photo");
    void photo.open(file, file.name);
    return true;
  };
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    // The page's own result is no new photo.
    if (photo.drags) event.dataTransfer!.dropEffect = "none";
    else stage.classList.add("drop");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) stage.classList.remove("drop");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    stage.classList.remove("drop");
    if (photo.drags) return;
    if (!take(event.dataTransfer)) showMessage(text("nothingDropped"));
  });
  document.addEventListener("paste", (event) => {
    if (!take(event.clipboardData)) showMessage(text("nothingPasted"));
  });
}

function wireKeys(): void {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type !== "radio";
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = "1234".indexOf(event.key);
    const zoom = { "+": 1.5, "=": 1.5, "-": 1 / 1.5, "0": 0 }[event.key];
    if (event.key === "Escape") hideMessage();
    else if (zoom !== undefined && !element("photo").hidden) photo.zoomBy(zoom);
    else if (event.key === "o") element("photo-file").click();
    else if (event.key === "s" && !element("photo").hidden) void photo.save();
    else if (event.key === "s" && !element("live").hidden) live.shoot();
    else if (place >= 0) controls.choose(place);
  });
}

function wireAbout(): void {
  const about = element("about", HTMLDialogElement);
  element("about-version").textContent = __PSPM_VERSION__;
  element("about-open").onclick = () => about.showModal();
}

/** Make the page work offline. Load the other tab's model after this tab's, so that it does not slow it down. */
async function prepareForOffline(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("./sw.js");
    await (loaded.photo ?? loaded.live);
    await Promise.all([prefetchModel("photo"), prefetchModel("live")]);
    document.documentElement.dataset["offline"] = "ready";
  } catch {
    // The page then works online only. Failures that matter to the user have shown a message already.
  }
}

wireTabs();
wireFiles();
wireKeys();
wireAbout();
const wanted = location.hash.slice(1);
open(TABS.find((tab) => tab === wanted) ?? "photo");
void prepareForOffline();
