// A phone's own sensors → readings as the encoder wants them: m/s² upwards at rest, rad/s, xyz of the device.
//
// W3C "Device Orientation and Motion": accelerationIncludingGravity is +9.8 along z on a table, screen up; rotationRate
// holds degrees a second around x (alpha), y (beta) and z (gamma) – other angles than those of deviceorientation.
// WebKit on iPhone and iPad gives Core Motion's accelerations, which have the opposite sign on all three axes; its
// rotation rates follow the specification.

const KEPT_SECONDS = 600;
const LEAST_STEP = 0.001; // seconds; clocks rounded by the browser may repeat

/** Why the sensors cannot be read, in words for the person holding the phone. */
export class MotionError extends Error {}

/** Does the browser give accelerations with Core Motion's sign? True for WebKit on a touch screen. */
export function hasOppositeSign(browser = navigator) {
  return browser.vendor === "Apple Computer, Inc." && browser.maxTouchPoints > 0;
}

/** One event → `{time, values}`: seconds, and six numbers or three where there is no gyroscope; null if incomplete. */
export function readEvent(event, oppositeSign) {
  const { x, y, z } = event.accelerationIncludingGravity ?? {};
  if (![x, y, z].every(Number.isFinite)) return null;
  const sign = oppositeSign ? -1 : 1;
  const { alpha, beta, gamma } = event.rotationRate ?? {};
  const turning = [alpha, beta, gamma].every(Number.isFinite) ? [alpha, beta, gamma] : [];
  return {
    time: event.timeStamp / 1000,
    values: [...[x, y, z].map((value) => sign * value), ...turning.map((value) => (value * Math.PI) / 180)],
  };
}

/** Listens to the phone and keeps the last ten minutes. */
export class MotionRecorder {
  constructor() {
    this.listen = (event) => this.add(event);
    this.clear();
  }

  clear() {
    this.times = [];
    this.rows = [];
  }

  /** Ask for permission where the system wants that (iOS, after a tap), then listen. */
  async start() {
    if (typeof DeviceMotionEvent === "undefined") {
      throw new MotionError("This browser gives pages no access to motion sensors. Open the page on a phone.");
    }
    if (typeof DeviceMotionEvent.requestPermission === "function") {
      const answer = await DeviceMotionEvent.requestPermission().catch(() => "denied");
      if (answer !== "granted") {
        throw new MotionError("The phone did not give access to its motion sensors. Allow it in the browser's settings and reload.");
      }
    }
    this.clear();
    this.oppositeSign = hasOppositeSign();
    window.addEventListener("devicemotion", this.listen);
  }

  stop() {
    window.removeEventListener("devicemotion", this.listen);
  }

  add(event) {
    const reading = readEvent(event, this.oppositeSign);
    const last = this.times[this.times.length - 1];
    if (!reading || reading.time < last + LEAST_STEP) return;
    if (this.rows.length && this.rows[0].length !== reading.values.length) return;
    this.times.push(reading.time);
    this.rows.push(reading.values);
    if (this.times[0] < reading.time - KEPT_SECONDS - 30) {
      const kept = this.times.findIndex((time) => time >= reading.time - KEPT_SECONDS);
      this.times.splice(0, kept);
      this.rows.splice(0, kept);
    }
  }

  /** Readings a second over the last two seconds; 0 before there are any. */
  rate() {
    const recent = this.times.filter((time) => time > this.times[this.times.length - 1] - 2);
    return recent.length < 2 ? 0 : (recent.length - 1) / (recent[recent.length - 1] - recent[0]);
  }

  /** The last `seconds` (all by default) as a sensor for recording.js; null before there are any. */
  sensor(placement, seconds = Infinity) {
    const end = this.times[this.times.length - 1];
    const first = this.times.findIndex((time) => time >= end - seconds);
    if (first < 0 || this.times.length - first < 2) return null;
    const rows = this.rows.slice(first);
    return {
      times: Float64Array.from(this.times.slice(first)),
      channels: rows[0].map((_, channel) => Float64Array.from(rows, (row) => row[channel])),
      hasGyroscope: rows[0].length === 6,
      placement,
    };
  }
}
