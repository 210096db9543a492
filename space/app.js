// The page: what is pressed, opened and moved → readings, windows, embeddings, answer.

import { csvFormatRows } from "./vendor/d3-dsv.min.mjs";
import { Activities } from "./modules/activities_view.js";
import { clearAnswer, showAnswer, showRepetitions } from "./modules/answer_view.js";
import { MotionError, MotionRecorder } from "./modules/device_motion.js";
import { Encoder } from "./modules/encoder.js";
import { RecordingError, readSensor, readTable, toEncoderRate } from "./modules/recording.js";
import { countRepetitions } from "./modules/repetitions.js";
import { clock, hideTimeline, onMove, showPlace, showTimeline } from "./modules/timeline_view.js";
import { clearTraces, drawTraces } from "./modules/traces.js";
import { cutWindows, indexOfLargest, mean, timelineSteps, windowInputs } from "./modules/windows.js";
import { Words } from "./modules/words.js";

const REPETITION_SECONDS = 8;
const SHOWN_SECONDS = 10;
const DRAW_EVERY = 100; // ms
const ANSWER_EVERY = 500; // ms
const SMOOTHED_ANSWERS = 3; // whose mean is shown live: a window that errs is outvoted
const PATIENCE = 3000; // ms without a reading before the page says so
const MAX_FILE_BYTES = 100e6;

const START = "Start with this phone";

const $ = (id) => document.getElementById(id);
const canvases = { acceleration: $("acceleration"), turning: $("turning") };
const recorder = new MotionRecorder();
const encoder = new Encoder();
let settings;
let words;
let activities;
let table; // of the CSV that waits for its description
let shown; // {recording, windows: [{start, embedding}], cursor}: what has been read whole
let live; // {answers: [embedding], timers}: while the phone is moved

async function boot() {
  const fetchJson = async (file) => (await fetch(file)).json();
  let wordTable;
  [settings, wordTable] = await Promise.all([fetchJson("settings.json"), fetchJson("words.json")]);
  words = new Words(wordTable, settings.logitScale);
  activities = new Activities(words, settings.activities, answer);
  offerPlacements();
  const precision = new URLSearchParams(location.search).get("precision") ?? settings.precision;
  if (!settings.encoders[precision]) throw new Error(`precision is one of ${Object.keys(settings.encoders).join(", ")}`);
  await encoder.load(settings.encoders[precision]);
  progress("");
  for (const control of [$("start"), $("file"), $("example")]) control.disabled = false;
  $("example").hidden = settings.example === null;
  document.body.dataset.ready = precision;
}

function offerPlacements() {
  const choose = new Option("Choose…", "");
  const [unknown, ...known] = settings.placements;
  const options = known.map((name) => new Option(name.replaceAll("_", " "), name));
  $("placement").append(choose, ...options, new Option("somewhere else, or not known", unknown));
}

function placement() {
  const chosen = $("placement").value;
  if (!chosen) $("placement").focus();
  if (!chosen) throw new RecordingError("Say first where the sensor is worn or held.");
  return chosen;
}

// --- messages

function complain(error) {
  const known = error instanceof RecordingError || error instanceof MotionError;
  if (!known) console.error(error);
  say(known ? error.message : `Something went wrong in the page: ${error.message}`);
  progress("");
}

function say(text) {
  $("message").hidden = !text;
  $("message").textContent = text;
}

function progress(text) {
  $("progress").textContent = text;
}

/** `action`, with what it throws shown as a message. */
const guarded = (action) => async (event) => {
  event.preventDefault?.();
  say("");
  await Promise.resolve(event).then(action).catch(complain);
};

// --- a recording from a file

async function openFile(file) {
  if (!file) return;
  stopLive();
  forget();
  if (file.size > MAX_FILE_BYTES) throw new RecordingError("The file is larger than 100 MB. Cut the recording.");
  $("description").hidden = true;
  table = readTable(await file.text());
  askAbout(file.name);
}

/** Ask for what the file itself does not tell. */
function askAbout(name) {
  $("file-name").textContent = name;
  document.querySelector('[data-field="samplingRate"]').hidden = table.time !== null;
  document.querySelector('[data-field="gyroscopeUnit"]').hidden = table.gyroscope === null;
  $("description").hidden = false;
  $("description").querySelector(".field:not([hidden]) :is(input, select)").focus();
}

async function readDescribed() {
  const rate = $("rate").value.trim().replace(",", ".");
  const sensor = readSensor(table, {
    samplingRate: table.time !== null || !rate ? null : Number(rate),
    accelerationUnit: $("acceleration-unit").value,
    gyroscopeUnit: $("gyroscope-unit").value,
    gravity: $("gravity").value,
    placement: placement(),
  });
  $("save").hidden = true;
  await readWhole(sensor);
  if (sensor.warning) say(sensor.warning);
}

/** The example's own description fills the form, so that people see what one says of a recording. */
async function openExample() {
  stopLive();
  const described = settings.example;
  table = readTable(await (await fetch("example.csv")).text());
  askAbout(`${described.source} (${described.licence})`);
  $("placement").value = described.placement;
  $("rate").value = described.sampling_rate ?? "";
  $("acceleration-unit").value = described.acceleration_unit;
  $("gyroscope-unit").value = described.gyroscope_unit ?? "";
  $("gravity").value = described.gravity;
  await readDescribed();
}

/** Embed all windows of a sensor's recording, then show its end. */
async function readWhole(sensor) {
  forget();
  const recording = toEncoderRate(sensor, settings.rate, settings.maxGapSeconds);
  const windows = cutWindows(recording, settings);
  const embedded = [];
  for (const { start, inputs } of windows) {
    progress(`Window ${embedded.length + 1} of ${windows.length}`);
    embedded.push({ start, embedding: await encoder.embed(inputs) });
  }
  shown = { recording, windows: embedded, cursor: recording.mask.length };
  progress(`The recording is ${clock(recording.mask.length / settings.rate)} long.`);
  answer();
  $("answer").scrollIntoView({ block: "nearest" });
}

function forget() {
  shown = undefined;
  clearAnswer();
  hideTimeline();
  $("signals").hidden = true;
}

// --- the phone

async function toggleLive() {
  if (live) {
    stopLive();
    const sensor = recorder.sensor($("placement").value);
    if (sensor) {
      offerSaving(sensor);
      await readWhole(sensor);
    }
    return;
  }
  placement();
  await recorder.start();
  forget();
  $("best").textContent = "…";
  $("description").hidden = true;
  $("drop").hidden = true;
  $("start").textContent = "Stop";
  $("start").setAttribute("aria-pressed", "true");
  progress("Waiting for the phone's sensors…");
  live = { answers: [], startedAt: performance.now(), busy: false };
  live.timers = [setInterval(drawLive, DRAW_EVERY), setInterval(() => answerLive().catch(complain), ANSWER_EVERY)];
}

function stopLive() {
  if (!live) return;
  live.timers.forEach(clearInterval);
  live = undefined;
  recorder.stop();
  progress("");
  $("drop").hidden = false;
  $("start").textContent = START;
  $("start").setAttribute("aria-pressed", "false");
}

function liveRecording() {
  const sensor = recorder.sensor($("placement").value, SHOWN_SECONDS);
  return sensor && toEncoderRate(sensor, settings.rate, settings.maxGapSeconds);
}

function drawLive() {
  const recording = liveRecording();
  if (recording) {
    $("measured").textContent = `${recorder.rate().toFixed(0)} Hz`;
    progress("Move. Stop shows the whole recording.");
    draw(recording, recording.mask.length);
  } else if (performance.now() - live.startedAt > PATIENCE) {
    stopLive();
    say("No readings arrive. This device may have no motion sensors, or they are off for this page: open it by itself, not inside another page.");
  }
}

async function answerLive() {
  const session = live;
  const recording = liveRecording();
  if (!recording || session.busy) return;
  const length = settings.windowSeconds * settings.rate;
  const inputs = windowInputs(recording, Math.max(0, recording.mask.length - length), length, settings);
  if (!inputs) return;
  session.busy = true;
  const embedding = await encoder.embed(inputs);
  session.busy = false;
  if (session !== live) return;
  session.answers = [...session.answers, embedding].slice(-SMOOTHED_ANSWERS);
  answer();
  showRepeats(recording, recording.mask.length);
}

/** The recording as a file that this page and the library read. */
function offerSaving({ times, channels }) {
  const names = ["time", "acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"].slice(0, channels.length + 1);
  const rows = Array.from(times, (time, row) => [time - times[0], ...channels.map((channel) => channel[row])].map((value) => value.toFixed(5)));
  URL.revokeObjectURL($("save").href);
  $("save").href = URL.createObjectURL(new Blob([csvFormatRows([names, ...rows])], { type: "text/csv" }));
  $("save").hidden = false;
}

// --- the answer

/** Show the answer anew: after new readings, another list of activities, or another place in the recording. */
function answer() {
  const { names } = activities;
  const probabilities = (embedding) => words.probabilities(embedding, names);
  if (live?.answers.length) {
    showAnswer(names, mean(live.answers.map(probabilities)));
  } else if (shown) {
    const { recording, windows } = shown;
    const [length, hop] = [settings.windowSeconds * settings.rate, settings.hopSeconds * settings.rate];
    const starts = windows.map(({ start }) => start);
    const rows = windows.map(({ embedding }) => probabilities(embedding));
    shown.steps = timelineSteps(starts, rows, length, hop, recording.mask.length);
    showTimeline(shown.steps, names, recording.mask.length, settings.rate);
    moveTo(shown.cursor);
  }
}

function moveTo(sample) {
  const { steps, recording } = shown;
  shown.cursor = sample;
  const step = steps.find(({ end }) => sample <= end) ?? steps[steps.length - 1];
  const { names } = activities;
  const place = clock(sample / settings.rate);
  showPlace(sample, settings.rate, names[indexOfLargest(step.probabilities)]);
  showAnswer(names, step.probabilities, ` at ${place}`);
  showRepeats(recording, sample);
  $("measured").textContent = place;
  draw(recording, sample);
}

/** Count in the last seconds before sample `end`; gaps are no movement, so a part with one is not counted. */
function showRepeats(recording, end) {
  const first = Math.max(0, end - REPETITION_SECONDS * settings.rate);
  const whole = end - first >= 2 * settings.rate && recording.mask.subarray(first, end).every(Boolean);
  const part = recording.channels.slice(0, 3).map((channel) => channel.subarray(first, end));
  showRepetitions(whole ? countRepetitions(part, settings.rate) : null, (end - first) / settings.rate);
}

function draw({ channels, mask, rate, hasGyroscope }, end) {
  $("signals").hidden = false;
  const common = { mask, rate, end };
  drawTraces(canvases.acceleration, { ...common, channels: channels.slice(0, 3), least: 10, name: "Acceleration in m/s²" });
  if (hasGyroscope) drawTraces(canvases.turning, { ...common, channels: channels.slice(3), least: 1, name: "Turning in rad/s" });
  else clearTraces(canvases.turning, "no gyroscope");
}

// --- what people do

$("start").addEventListener("click", guarded(toggleLive));
$("example").addEventListener("click", guarded(openExample));
$("file").addEventListener("change", guarded(() => openFile($("file").files[0])));
$("description").addEventListener("submit", guarded(readDescribed));
$("drop").addEventListener("dragover", (event) => {
  event.preventDefault();
  $("drop").classList.add("over");
});
$("drop").addEventListener("dragleave", () => $("drop").classList.remove("over"));
$("drop").addEventListener("drop", (event) => {
  $("drop").classList.remove("over");
  guarded(() => openFile(event.dataTransfer.files[0]))(event);
});
onMove((sample) => shown && moveTo(sample));
const redraw = () => shown && moveTo(shown.cursor);
window.addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

boot().catch(complain);

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("service_worker.js").then(() => navigator.serviceWorker.ready).then(
    () => ($("offline").textContent = "It is kept on this device and works offline."),
    () => ($("offline").textContent = ""), // private windows refuse; the page works as before
  );
}
