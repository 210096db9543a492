// A CSV and what its owner says about it → one sensor in SI units; the refusals of modeling_mujo/recordings_mujo.py.

import { csvParseRows } from "../vendor/d3-dsv.min.mjs";
import { median, resampleEven, resampleUneven, toFraction } from "./resampling.js";

export const STANDARD_GRAVITY = 9.80665;
const ACCELERATION_FACTORS = { "m/s2": 1, g: STANDARD_GRAVITY };
const GYROSCOPE_FACTORS = { "rad/s": 1, "deg/s": Math.PI / 180 };
const [MIN_RATE, MAX_RATE] = [1, 10_000];
const MAX_SECONDS = 3600;
const MAX_ROWS = 400_000;
const MAX_BYTES = 100e6;
const MAX_READING = 1e5; // in m/s² and rad/s; no wearable sensor reads a tenth of it
const MAX_RATE_NUMERATOR = 200_000; // bounds the length of the resampling filter
const UNIT_BOUNDARY = Math.sqrt(STANDARD_GRAVITY); // between 1 g read as 1 and as 9.81

// Apple's name. Core Motion's accelerations have the opposite sign of specific force.
const CORE_MOTION_STEM = "useracceleration";
const COLUMN_STEMS = {
  acceleration: ["acc", "accel", "acceleration", "accelerometer", CORE_MOTION_STEM],
  gyroscope: ["gyr", "gyro", "gyroscope", "rotationrate", "angularvelocity"],
  gravity: ["gravity"],
};
const TIME_COLUMNS = ["time", "timestamp"];
const MISSING = new Set(["", "nan", "na", "n/a", "null", "none"]);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** What is wrong with a recording, in words for the person who gave it. */
export class RecordingError extends Error {}

/** Text of a CSV file → its names of columns and its cells, not yet read as numbers. */
export function readTable(text) {
  if (text.length > MAX_BYTES) throw new RecordingError("The file is larger than 100 MB. Cut the recording.");
  const rows = csvParseRows(text.replace(/^\uFEFF/, "")).filter((row) => row.some((cell) => cell.trim() !== ""));
  if (rows.length < 2) throw new RecordingError("The file has no rows of numbers below a line with names of columns.");
  if (rows.length > MAX_ROWS) {
    throw new RecordingError(`The file has ${rows.length - 1} rows; at most ${MAX_ROWS} are read. Cut the recording.`);
  }
  const [names, ...cells] = rows;
  const uneven = cells.findIndex((row) => row.length !== names.length);
  if (uneven >= 0) {
    throw new RecordingError(
      `Row ${uneven + 2} has ${cells[uneven].length} cells, the first line has ${names.length} names. ` +
        "Cells are separated by commas.",
    );
  }
  return { names, cells, ...findColumns(names) };
}

/** Which columns hold what: `{acceleration, gyroscope, gravity}` as indices of x, y, z, and `time`. */
function findColumns(names) {
  const place = new Map(names.map((name, index) => [name.toLowerCase().replace(/[^a-z0-9]/g, ""), index]));
  const found = { gyroscope: null, gravity: null };
  for (const [quantity, stems] of Object.entries(COLUMN_STEMS)) {
    const present = stems.filter((stem) => [..."xyz"].some((axis) => place.has(stem + axis)));
    if (present.length > 1) {
      throw new RecordingError(`Several columns name the ${quantity}: ${present.join(", ")}. Keep one of them.`);
    }
    for (const stem of present) {
      const missing = [..."xyz"].filter((axis) => !place.has(stem + axis));
      if (missing.length) throw new RecordingError(`The ${quantity} has no column for ${missing.join(" and ")}.`);
      found[quantity] = [..."xyz"].map((axis) => place.get(stem + axis));
      if (quantity === "acceleration") found.isCoreMotion = stem === CORE_MOTION_STEM;
    }
  }
  if (!found.acceleration) {
    throw new RecordingError(
      `No acceleration among the columns ${names.slice(0, 12).join(", ")}. Expected acc_x, acc_y, acc_z, ` +
        "and perhaps gyro_x, gyro_y, gyro_z and time.",
    );
  }
  const times = TIME_COLUMNS.filter((name) => place.has(name));
  if (times.length > 1) throw new RecordingError("Both a column time and a column timestamp: keep one of them.");
  return { ...found, time: times.length ? place.get(times[0]) : null };
}

/**
 * A table and its description → `{channels, hasGyroscope, placement, rate | times, warning}` in m/s² and rad/s.
 *
 * @param described `{samplingRate, accelerationUnit, gyroscopeUnit, gravity, placement}`: nothing is guessed.
 */
export function readSensor(table, described) {
  check("unit of the acceleration", described.accelerationUnit, Object.keys(ACCELERATION_FACTORS));
  check("place of gravity", described.gravity, ["included", "removed"]);
  if (table.gyroscope) check("unit of the gyroscope", described.gyroscopeUnit, Object.keys(GYROSCOPE_FACTORS));
  const clock = readClock(table, described.samplingRate);
  const force = specificForce(table, described.gravity);
  const factor = ACCELERATION_FACTORS[described.accelerationUnit];
  const acceleration = force.map((channel) => channel.map((value) => value * factor));
  const turn = GYROSCOPE_FACTORS[described.gyroscopeUnit];
  const gyroscope = table.gyroscope?.map((column) => numbers(table, column).map((value) => value * turn)) ?? [];
  const channels = [...acceleration, ...gyroscope];
  checkReadings(channels);
  return {
    channels,
    hasGyroscope: gyroscope.length > 0,
    placement: described.placement,
    warning: unitWarning(acceleration, described.accelerationUnit),
    ...clock,
  };
}

/** A sensor → `{channels: six Float32Arrays, mask, hasGyroscope, placement, rate}` at the encoder's rate. */
export function toEncoderRate(sensor, rate, maxGapSeconds) {
  const { channels, mask } = sensor.times
    ? resampleUneven(sensor.channels, sensor.times, rate, maxGapSeconds)
    : resampleEven(sensor.channels, sensor.rate, rate, maxGapSeconds);
  const filled = Array.from({ length: 6 }, (_, index) => {
    const channel = channels[index] ?? new Float64Array(mask.length);
    return Float32Array.from(channel, (value, sample) => (mask[sample] ? value : 0));
  });
  return { channels: filled, mask, rate, hasGyroscope: sensor.hasGyroscope, placement: sensor.placement };
}

function check(what, value, choices) {
  if (!choices.includes(value)) throw new RecordingError(`Say the ${what}: ${choices.join(" or ")}.`);
}

function numbers(table, column) {
  return Float64Array.from(table.cells, (row, index) => {
    const cell = row[column].trim();
    if (NUMBER.test(cell) && Math.abs(Number(cell)) <= 3.4e38) return Number(cell);
    if (MISSING.has(cell.toLowerCase())) return NaN;
    throw new RecordingError(
      `Row ${index + 2}, column ${table.names[column]}: “${cell.slice(0, 40)}” is no finite number. Leave a cell empty where a sample is missing.`,
    );
  });
}

function readClock(table, samplingRate) {
  if (table.time !== null && samplingRate !== null) {
    throw new RecordingError("The file has a column with the time: leave the rate empty, or remove the column.");
  }
  if (table.time === null) {
    if (samplingRate === null) throw new RecordingError("Say the sampling rate: the file has no column time.");
    checkRate(samplingRate, "The sampling rate");
    checkLength(table.cells.length / samplingRate, samplingRate);
    return { rate: samplingRate };
  }
  const times = numbers(table, table.time);
  if (times.length < 2 || times.some(Number.isNaN)) throw new RecordingError("The column time has empty cells.");
  const backwards = times.findIndex((time, index) => index > 0 && time <= times[index - 1]);
  if (backwards > 0) {
    throw new RecordingError(
      `The time must increase: row ${backwards + 2} is at ${times[backwards]} s, the row before at ${times[backwards - 1]} s.`,
    );
  }
  const rate = 1 / median(times.slice(1).map((time, index) => time - times[index]));
  checkRate(rate, "The column time is in seconds; as it is, the rate");
  checkLength(times[times.length - 1] - times[0], (times.length - 1) / (times[times.length - 1] - times[0]));
  return { times };
}

function checkRate(rate, subject) {
  if (!(rate >= MIN_RATE && rate <= MAX_RATE)) {
    throw new RecordingError(`${subject} is ${Number(rate.toPrecision(4))} Hz: expected ${MIN_RATE} to ${MAX_RATE} Hz.`);
  }
}

function checkLength(seconds, rate) {
  if (seconds > MAX_SECONDS) {
    throw new RecordingError(`The recording is ${Math.round(seconds / 60)} minutes long; this page takes up to an hour.`);
  }
  if (toFraction(rate).up > MAX_RATE_NUMERATOR) {
    throw new RecordingError(`A rate of ${rate.toFixed(4)} Hz: round it to a whole number.`);
  }
}

/** Acceleration with gravity, upwards at rest, in the unit of the file. */
function specificForce(table, gravity) {
  const acceleration = table.acceleration.map((column) => numbers(table, column));
  if (gravity === "included") {
    if (table.isCoreMotion) {
      throw new RecordingError("Columns userAcceleration are without gravity: say “removed”.");
    }
    return acceleration;
  }
  if (!table.gravity) {
    throw new RecordingError(
      "Gravity was removed and there are no columns gravity_x, gravity_y, gravity_z to put it back: its direction " +
        "tells how the sensor sits. Phones log it beside the acceleration.",
    );
  }
  const sign = table.isCoreMotion ? -1 : 1;
  const vector = table.gravity.map((column) => numbers(table, column));
  return acceleration.map((channel, axis) => channel.map((value, row) => sign * (value + vector[axis][row])));
}

function checkReadings(channels) {
  const complete = channels[0].reduce((count, _, row) => count + channels.every((one) => !Number.isNaN(one[row])), 0);
  if (complete < 2) throw new RecordingError(`Only ${complete} of ${channels[0].length} rows are complete.`);
  const largest = channels.flatMap((channel) => channel.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0));
  if (Math.max(...largest) > MAX_READING) {
    throw new RecordingError(`A reading of ${Math.max(...largest).toPrecision(3)} m/s² or rad/s: no wearable sensor gives that. Check the units.`);
  }
}

function unitWarning(acceleration, unit) {
  const norms = acceleration[0].map((_, row) => Math.hypot(...acceleration.map((channel) => channel[row])));
  const norm = median(norms.filter((value) => !Number.isNaN(value))) / ACCELERATION_FACTORS[unit];
  const looksLikeOther = unit === "g" ? norm > UNIT_BOUNDARY : norm < UNIT_BOUNDARY;
  if (!looksLikeOther) return null;
  const [name, other, gravity] = unit === "g" ? ["g", "m/s²", "1"] : ["m/s²", "g", "9.81"];
  return `Half of the readings are above ${norm.toFixed(2)} ${name}, where gravity alone is ${gravity} ${name}. Are they in ${other}?`;
}
