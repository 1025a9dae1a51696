import { element } from "../element.ts";
import { number, text, threadsText } from "../language.ts";
import { describeError, showMessage } from "../message.ts";
import { save } from "../save.ts";
import { ScreenLock } from "../screen_lock.ts";
import { benchmark } from "./benchmark.ts";
import { PACED_SECONDS, ROUNDS, SUSTAINED_SECONDS, WARM_UP } from "./protocol.ts";
import type { Result, Run } from "./result.ts";

const EFFECT_TEXTS = { none: "withNoEffect", colour: "withColour", blur: "withBlur" } as const;

/** The Benchmark tab: measures frames per second, shows a table and saves a file. */
export class BenchmarkPage {
  #result: Result | null = null;

  constructor() {
    element("bench-run").onclick = () => void this.run();
    element("bench-save").onclick = () => save(new Blob([this.json], { type: "application/json" }), "pspm-web.json");
    element("bench-copy").onclick = () => void this.#copy();
  }

  get json(): string {
    return JSON.stringify(this.#result, null, 2);
  }

  async run(): Promise<void> {
    const button = element("bench-run", HTMLButtonElement);
    const status = element("bench-status");
    button.disabled = true;
    // If the screen turns off, the browser stops drawing.
    const screen = new ScreenLock();
    await screen.hold();
    try {
      const response = await fetch("./sample.jpg");
      const sustained = element("bench-long", HTMLInputElement).checked ? SUSTAINED_SECONDS : 0;
      // A shorter measurement, for tests: the address says how many rounds and seconds.
      const asked = new URLSearchParams(location.search);
      const rounds = Number(asked.get("rounds")) || ROUNDS;
      const paced = Number(asked.get("paced")) || PACED_SECONDS;
      const plan = { warmUp: Math.min(WARM_UP, rounds), rounds, paced, sustained };
      this.#result = await benchmark(await response.blob(), plan, (step) => {
        status.textContent = text("measuring", { step });
      });
      status.textContent = text("done");
      this.#show(this.#result);
    } catch (error) {
      status.textContent = "";
      showMessage(describeError(error), () => void this.run());
    } finally {
      button.disabled = false;
      await screen.release();
    }
  }

  #show({ runs, device }: Result): void {
    element("bench-rows").replaceChildren(...runs.map(rowOf));
    element("bench-device").textContent = `${device.system}; ${text("cores", { count: device.cores })}; ${device.processor}`;
    element("bench-result").hidden = false;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.json);
      element("bench-status").textContent = text("copied");
    } catch {
      showMessage(text("noCopying"));
    }
  }
}

function rowOf(run: Run): HTMLTableRowElement {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  const threads = run.threads ? `, ${threadsText(run.threads)}` : "";
  head.textContent = `${run.delegate === "wasm" ? text("processor") : "WebGPU"}${threads}`;
  row.append(head, cell(`${run.size[1]} × ${run.size[0]}`));
  if ("refused" in run) {
    const why = cell(run.refused);
    why.colSpan = 7;
    why.className = "why";
    row.append(why);
    return row;
  }
  const { pre, inference, post, total } = run.stages_ms;
  const { frames, dropped } = run.paced;
  const share = text("of", { part: dropped, all: frames + dropped });
  row.append(cell(text(EFFECT_TEXTS[run.effect])), cell(number(run.fps, 1)), cell(share));
  for (const ms of [pre.p50, inference.p50, post.p50, total.p90]) row.append(cell(`${number(ms, ms < 10 ? 1 : 0)} ms`));
  return row;
}

function cell(content: string): HTMLTableCellElement {
  const cell = document.createElement("td");
  cell.textContent = content;
  return cell;
}
