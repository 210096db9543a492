// How often a movement was repeated: the period by autocorrelation, as pitch is found in sound.
//
// The normalised square difference function and its "key maxima" are from McLeod and Wyvill, "A smarter way to find
// pitch", ICMC 2005: unlike the plain autocorrelation it does not fall with the lag, and taking the first maximum near
// the highest avoids counting every second repetition. The signal is the first principal component of the
// accelerometer, as in Morris et al., "RecoFit", CHI 2014.

const MIN_PERIOD = 0.3; // seconds
const SMOOTHING = 0.1; // seconds of the moving mean
const CLARITY = 0.5; // least height of the maximum: below it the movement does not repeat
const NEAR_HIGHEST = 0.85; // McLeod and Wyvill use 0.8 to 1.0
const LEAST_MOVEMENT = 0.4; // m/s², standard deviation along the main direction

/**
 * Repetitions in accelerometer channels x, y, z at `rate` Hz.
 *
 * @returns `{count, period}`: how often (a whole number) and seconds of one; null at rest or where nothing repeats.
 *   A period must fit twice, so 8 seconds hold movements of up to 4 seconds.
 */
export function countRepetitions(channels, rate) {
  const signal = movingMean(mainComponent(channels), Math.max(1, Math.round(SMOOTHING * rate)));
  const spread = Math.sqrt(signal.reduce((sum, value) => sum + value * value, 0) / signal.length);
  if (!(spread >= LEAST_MOVEMENT)) return null;
  const lag = keyMaximum(normalisedSquareDifference(signal, Math.floor(signal.length / 2)), MIN_PERIOD * rate);
  if (lag === null) return null;
  return { count: Math.round(signal.length / lag), period: lag / rate };
}

/** The channels' first principal component, of mean zero, by power iteration on their 3 × 3 covariance. */
function mainComponent(channels) {
  const length = channels[0].length;
  const centred = channels.map((channel) => {
    const mean = channel.reduce((sum, value) => sum + value, 0) / length;
    return Float64Array.from(channel, (value) => value - mean);
  });
  const covariance = centred.map((one) => centred.map((other) => one.reduce((sum, value, row) => sum + value * other[row], 0)));
  const variances = covariance.map((row, axis) => row[axis]);
  let direction = covariance[variances.indexOf(Math.max(...variances))];
  for (let round = 0; round < 50; round++) {
    const next = covariance.map((row) => row.reduce((sum, value, axis) => sum + value * direction[axis], 0));
    const norm = Math.hypot(...next);
    if (norm === 0) break;
    direction = next.map((value) => value / norm);
  }
  return centred[0].map((_, row) => centred.reduce((sum, channel, axis) => sum + channel[row] * direction[axis], 0));
}

function movingMean(signal, width) {
  return signal.map((_, row) => {
    const part = signal.subarray(Math.max(0, row - (width >> 1)), row + (width >> 1) + 1);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** 1 where the signal shifted by the lag is itself, -1 where it is its negative; for lags 0 to `maxLag`. */
function normalisedSquareDifference(signal, maxLag) {
  return Float64Array.from({ length: maxLag + 1 }, (_, lag) => {
    let [product, energy] = [0, 0];
    for (let row = 0; row + lag < signal.length; row++) {
      product += signal[row] * signal[row + lag];
      energy += signal[row] ** 2 + signal[row + lag] ** 2;
    }
    return energy === 0 ? 0 : (2 * product) / energy;
  });
}

/** The lag of the first maximum near the highest of those between zero crossings, by a parabola; null if unclear. */
function keyMaximum(similarity, minLag) {
  const maxima = [];
  let lag = similarity.findIndex((value) => value <= 0);
  for (; lag > 0 && lag < similarity.length - 1; lag++) {
    if (similarity[lag] <= 0) continue;
    let top = lag;
    for (; lag < similarity.length && similarity[lag] > 0; lag++) if (similarity[lag] > similarity[top]) top = lag;
    if (top >= minLag && top < similarity.length - 1) maxima.push(top);
  }
  const highest = Math.max(...maxima.map((top) => similarity[top]));
  if (!(highest >= CLARITY)) return null;
  const top = maxima.find((one) => similarity[one] >= NEAR_HIGHEST * highest);
  const [before, at, after] = [similarity[top - 1], similarity[top], similarity[top + 1]];
  const bend = before - 2 * at + after;
  return bend === 0 ? top : top + (before - after) / (2 * bend);
}
