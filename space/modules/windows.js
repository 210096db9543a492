// A recording at the encoder's rate → windows, and the windows' probabilities → steps of a timeline.

import { RecordingError } from "./recording.js";

/**
 * Windows of a recording: `[{start, inputs}]`, `start` in samples.
 *
 * Whole windows only, save that a recording shorter than one gives one, padded under its mask.
 * @param settings of the model: `{rate, windowSeconds, hopSeconds, minSeconds, placements}`.
 */
export function cutWindows(recording, settings) {
  const length = Math.round(settings.windowSeconds * settings.rate);
  const hop = Math.round(settings.hopSeconds * settings.rate);
  const windows = [];
  for (let start = 0; start <= Math.max(recording.mask.length - length, 0); start += hop) {
    const inputs = windowInputs(recording, start, length, settings);
    if (inputs) windows.push({ start, inputs });
  }
  if (!windows.length) {
    throw new RecordingError(`No stretch of it has ${settings.minSeconds} seconds of readings without a long gap.`);
  }
  return windows;
}

/** The encoder's inputs from sample `start` on; null where too little of it is real. */
export function windowInputs(recording, start, length, settings) {
  const end = Math.min(start + length, recording.mask.length);
  const values = new Float32Array(length * 6);
  const mask = new BigInt64Array(length);
  let real = 0;
  for (let sample = start; sample < end; sample++) {
    if (!recording.mask[sample]) continue;
    real++;
    mask[sample - start] = 1n;
    for (let channel = 0; channel < 6; channel++) values[(sample - start) * 6 + channel] = recording.channels[channel][sample];
  }
  if (real < Math.round(settings.minSeconds * settings.rate)) return null;
  const placement = settings.placements.indexOf(recording.placement);
  if (placement < 0) throw new RecordingError("Say where the sensor was worn.");
  return { values, mask, hasGyroscope: recording.hasGyroscope, placement };
}

/**
 * Steps of one hop, each with the mean of the windows that cover its middle, so that one that errs is outvoted.
 *
 * @param starts, window, hop, length in samples.
 * @param probabilities one array per window.
 * @returns `[{start, end, probabilities}]` in samples; where no window lies, there is no step.
 */
export function timelineSteps(starts, probabilities, window, hop, length) {
  if (starts.length === 1) {
    return [{ start: starts[0], end: Math.min(starts[0] + window, length), probabilities: probabilities[0] }];
  }
  const covering = new Map();
  const stepsPerWindow = Math.ceil(window / hop - 0.5);
  starts.forEach((start, index) => {
    for (let step = start / hop; step < start / hop + stepsPerWindow; step++) {
      covering.set(step, [...(covering.get(step) ?? []), probabilities[index]]);
    }
  });
  const steps = [...covering.keys()].sort((one, other) => one - other);
  const timeline = steps.map((step) => ({
    start: step * hop,
    end: (step + 1) * hop,
    probabilities: mean(covering.get(step)),
  }));
  timeline[timeline.length - 1].end = Math.min(starts[starts.length - 1] + window, length);
  return timeline;
}

/** Neighbouring steps with the same best class as one: `[{start, end, best, score}]`. */
export function mergeSteps(steps) {
  const merged = [];
  for (const step of steps) {
    const best = indexOfLargest(step.probabilities);
    const seconds = step.end - step.start;
    const last = merged[merged.length - 1];
    if (last && last.best === best && last.end === step.start) {
      const before = last.end - last.start;
      last.score = (last.score * before + step.probabilities[best] * seconds) / (before + seconds);
      last.end = step.end;
    } else {
      merged.push({ start: step.start, end: step.end, best, score: step.probabilities[best] });
    }
  }
  return merged;
}

/** Mean of arrays of one length. */
export function mean(rows) {
  return rows[0].map((_, index) => rows.reduce((sum, row) => sum + row[index], 0) / rows.length);
}

export function indexOfLargest(values) {
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}
