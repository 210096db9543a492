// The IMU encoder, off the page's thread: ONNX Runtime on WebAssembly, one thread, so that any static host will do.

import * as ort from "../vendor/ort.wasm.min.mjs";

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = new URL("../vendor/", import.meta.url).href;

let session;
const answers = { load, embed, time };

onmessage = async ({ data: { id, task, content } }) => {
  try {
    postMessage({ id, answer: await answers[task](content) });
  } catch (error) {
    postMessage({ id, error: String(error.message ?? error) });
  }
};

async function load(file) {
  const address = new URL(`../${file}`, import.meta.url);
  session = await ort.InferenceSession.create(address.href, { executionProviders: ["wasm"] });
}

async function embed(inputs) {
  const { embeds } = await session.run(tensors(inputs));
  return Float32Array.from(embeds.data);
}

/** Milliseconds of each of `runs` passes of one window. */
async function time({ inputs, runs }) {
  const feeds = tensors(inputs);
  const milliseconds = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await session.run(feeds);
    milliseconds.push(performance.now() - started);
  }
  return milliseconds;
}

function tensors({ values, mask, hasGyroscope, placement }) {
  const length = mask.length;
  return {
    imu_values: new ort.Tensor("float32", values, [1, 1, length, 6]),
    imu_attention_mask: new ort.Tensor("int64", mask, [1, 1, length]),
    imu_channel_mask: new ort.Tensor("int64", BigInt64Array.of(1n, BigInt(hasGyroscope)), [1, 1, 2]),
    placement_ids: new ort.Tensor("int64", BigInt64Array.of(BigInt(placement)), [1, 1]),
  };
}
