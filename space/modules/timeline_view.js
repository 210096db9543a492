// The timeline of a recording: a strip of colours, a slider to move in it, and the same as a table.

import { mergeSteps } from "./windows.js";

const box = document.getElementById("timeline");
const strip = document.getElementById("strip");
const slider = document.getElementById("position");
const place = document.getElementById("place");
const segments = document.getElementById("segments");

/** Call `moved(sample)` when the slider is moved. */
export function onMove(moved) {
  slider.addEventListener("input", () => moved(Number(slider.value)));
}

/** Show the steps (windows.js) of a recording of `length` samples at `rate` Hz. */
export function showTimeline(steps, names, length, rate) {
  box.hidden = false;
  const merged = mergeSteps(steps);
  strip.replaceChildren(
    ...merged.map(({ start, end, best }) => {
      const part = document.createElement("i");
      part.style.left = `${(100 * start) / length}%`;
      part.style.width = `${(100 * (end - start)) / length}%`;
      part.style.background = colour(best, names.length);
      part.title = names[best];
      return part;
    }),
  );
  segments.replaceChildren(
    ...merged.map(({ start, end, best, score }) => {
      const row = document.createElement("tr");
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = colour(best, names.length);
      for (const text of [clock(start / rate), clock(end / rate), names[best], `${Math.round(100 * score)} %`]) {
        row.insertCell().textContent = text;
      }
      row.cells[2].prepend(swatch);
      return row;
    }),
  );
  slider.max = length;
  slider.step = Math.max(1, Math.round(rate / 10));
}

/** Put the slider at a sample and say in words what is there. */
export function showPlace(sample, rate, name) {
  slider.value = sample;
  place.textContent = clock(sample / rate);
  slider.setAttribute("aria-valuetext", `${clock(sample / rate)}, ${name}`);
}

export function hideTimeline() {
  box.hidden = true;
}

export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function colour(index, count) {
  return `oklch(0.68 0.13 ${(360 * index) / count + 25})`;
}
