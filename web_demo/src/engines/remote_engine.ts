import type { Delegate, Engine, EngineOptions } from "./engine.ts";
import { type ErrorCode, PspmError } from "../errors.ts";
import type { Bundle } from "../bundle.ts";
import type { Size } from "../size.ts";

export type Question =
  | { kind: "load"; bundle: Bundle; folder: string; options: EngineOptions }
  | { kind: "run"; id: number; rgba: Uint8Array; size: Size };

export type Answer =
  | { kind: "progress"; loaded: number }
  | { kind: "ready"; name: string; delegate: Delegate; threads: number }
  | { kind: "alpha"; id: number; alpha: Float32Array<ArrayBuffer>; milliseconds: number }
  | { kind: "failed"; id: number; code: ErrorCode; message: string };

interface Waiting {
  resolve: (alpha: Float32Array<ArrayBuffer>) => void;
  reject: (error: PspmError) => void;
}

/** An engine that runs in a worker. */
export class RemoteEngine implements Engine {
  name = "";
  delegate: Delegate = "wasm";
  threads = 1;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async load(
    bundle: Bundle,
    folder: URL,
    options: EngineOptions,
    onBytes: (loaded: number) => void,
  ): Promise<RemoteEngine> {
    const worker = new Worker(new URL("./engine_worker.ts", import.meta.url), { name: "pspm-engine" });
    const remote = new RemoteEngine(worker);
    return await new Promise((resolve, reject) => {
      const fail = (error: PspmError) => {
        remote.close();
        reject(error);
      };
      worker.onerror = (event) =>
        fail(new PspmError("engine", `The engine did not start (${event.message || "no reason given"}); reload the page.`));
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        if (data.kind === "progress") onBytes(data.loaded);
        if (data.kind === "failed") fail(new PspmError(data.code, data.message));
        if (data.kind === "ready") {
          Object.assign(remote, { name: data.name, delegate: data.delegate, threads: data.threads });
          remote.#listen();
          resolve(remote);
        }
      };
      remote.#ask({ kind: "load", bundle, folder: folder.href, options });
    });
  }

  async run(rgba: Uint8Array, size: Size): Promise<Float32Array<ArrayBuffer>> {
    const id = ++this.#last;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#ask({ kind: "run", id, rgba, size }, [rgba.buffer]);
    });
  }

  close(): void {
    this.#worker.terminate();
    this.#failAll(new PspmError("engine", "The engine was closed while it was running."));
  }

  #ask(question: Question, transfer: Transferable[] = []): void {
    this.#worker.postMessage(question, transfer);
  }

  #listen(): void {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.kind !== "alpha" && data.kind !== "failed") return;
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.kind === "alpha") waiting?.resolve(data.alpha);
      else waiting?.reject(new PspmError(data.code, data.message));
    };
    this.#worker.onerror = () => this.#failAll(new PspmError("engine", "The engine stopped; reload the page."));
  }

  #failAll(error: PspmError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
