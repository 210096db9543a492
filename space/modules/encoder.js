// The page's side of encoder_worker.js: questions and answers as promises.

export class Encoder {
  constructor() {
    this.worker = new Worker(new URL("./encoder_worker.js", import.meta.url), { type: "module" });
    this.waiting = new Map();
    this.asked = 0;
    this.worker.onmessage = ({ data: { id, answer, error } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    };
    this.worker.onerror = (event) => {
      for (const { reject } of this.waiting.values()) reject(new Error(event.message || "the worker did not start"));
      this.waiting.clear();
    };
  }

  /** Load an ONNX file of the page's folder. */
  load(file) {
    return this.ask("load", file);
  }

  /** Inputs of one window (windows.js) → L2-normalised embedding, Float32Array. */
  embed(inputs) {
    return this.ask("embed", inputs);
  }

  /** Milliseconds of each of `runs` passes. */
  time(inputs, runs) {
    return this.ask("time", { inputs, runs });
  }

  ask(task, content) {
    const id = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, task, content });
    });
  }
}
