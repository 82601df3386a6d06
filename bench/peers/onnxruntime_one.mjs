// How long one image takes in ONNX Runtime; see README.md beside it.
//
//   npm install --ignore-scripts --prefix FOLDER onnxruntime-node
//   NODE_PATH=FOLDER/node_modules node bench/peers/onnxruntime_one.mjs FILE.onnx [RUNS] [THREADS]
//
// Prints one line of JSON.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);  // looks into NODE_PATH, which `import` does not
const { InferenceSession, Tensor } = require("onnxruntime-node");

const [file, runs = "200", threads = "2"] = process.argv.slice(2);
if (!file) {
  console.error("no .onnx file given; see the head of this script");
  process.exit(2);
}
const session = await InferenceSession.create(file, { intraOpNumThreads: Number(threads), executionMode: "sequential" });
const input = session.inputMetadata[0];
const shape = input.shape.map((extent) => (typeof extent === "number" && extent > 0 ? extent : 1));
const pixels = new Float32Array(shape.reduce((a, b) => a * b)).map(() => Math.random());
const feeds = { [input.name]: new Tensor("float32", pixels, shape) };

for (let i = 0; i < 20; ++i) await session.run(feeds);
const times = [];
for (let i = 0; i < Number(runs); ++i) {
  const start = performance.now();
  await session.run(feeds);
  times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
const version = require("onnxruntime-node/package.json").version;
const round = (ms) => Math.round(ms * 1e4) / 1e4;
console.log(JSON.stringify({
  peer: `onnxruntime ${version}`, what: "predict", model: file, shape, threads: Number(threads),
  ms_median: round(times[times.length >> 1]), ms_best: round(times[0]), runs: times.length,
}));
