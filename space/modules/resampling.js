// Band-limited resampling of recordings with gaps: the same numbers as modeling_mujo/resampling_mujo.py.
//
// A signal is a list of channels, each a Float64Array over time; NaN marks missing samples.

const EVEN_TOLERANCE = 1e-3; // of a sampling period, below which timestamps are taken as a rate
const KAISER_BETA = 6;

/** Evenly sampled channels at `rate` Hz → `{channels, mask}` at `newRate`; gaps above `maxGapSeconds` are masked. */
export function resampleEven(channels, rate, newRate, maxGapSeconds) {
  const ratio = divide(toFraction(newRate), toFraction(rate));
  const length = channels[0].length;
  const resampled = channels.map((channel) => resampleRational(bridgeMissing(channel), ratio));
  const mask = new Uint8Array(resampled[0].length).fill(1);
  for (const [start, stop] of missingRuns(channels)) {
    const atAnEnd = start === 0 || stop === length;
    if (!atAnEnd && (stop - start) / rate <= maxGapSeconds) continue;
    for (let index = 0; index < mask.length; index++) {
      const sample = (index * ratio.down) / ratio.up;
      if (sample > start - 1 && sample < stop) mask[index] = 0;
    }
  }
  return { channels: resampled, mask };
}

/** Channels sampled at `times` (seconds, strictly increasing) → `{channels, mask}` from the first time on. */
export function resampleUneven(channels, times, newRate, maxGapSeconds) {
  const count = times.length;
  const step = (times[count - 1] - times[0]) / (count - 1);
  const isEven = times.every((time, index) => Math.abs(time - times[0] - step * index) <= EVEN_TOLERANCE * step);
  if (isEven) return resampleEven(channels, 1 / step, newRate, maxGapSeconds);

  const last = Math.floor((times[count - 1] - times[0]) * newRate + EVEN_TOLERANCE);
  const grid = Float64Array.from({ length: last + 1 }, (_, index) => times[0] + index / newRate);
  const known = [...times.keys()].filter((row) => channels.every((channel) => !Number.isNaN(channel[row])));
  const knownTimes = Float64Array.from(known, (row) => times[row]);

  const period = median(times.slice(1).map((time, index) => time - times[index]));
  // Twice the input's rate keeps the interpolation's images out of the band that the filter passes.
  const oversampling = period * newRate < 1 - EVEN_TOLERANCE ? Math.ceil(2 / (period * newRate)) : 1;
  const fine = Float64Array.from({ length: last * oversampling + 1 }, (_, index) => {
    const time = grid[0] + index / (newRate * oversampling);
    return Math.min(Math.max(time, knownTimes[0]), knownTimes[knownTimes.length - 1]);
  });
  const resampled = channels.map((channel) => {
    const bridged = interpolateMakima(knownTimes, Float64Array.from(known, (row) => channel[row]), fine);
    return resampleRational(bridged, { up: 1, down: oversampling });
  });
  return { channels: resampled, mask: unevenMask(grid, knownTimes, period, newRate, maxGapSeconds) };
}

function unevenMask(grid, knownTimes, period, newRate, maxGapSeconds) {
  const slack = EVEN_TOLERANCE / newRate;
  const end = knownTimes[knownTimes.length - 1];
  const mask = Uint8Array.from(grid, (time) => (time >= knownTimes[0] - slack && time <= end + slack ? 1 : 0));
  for (let before = 0; before + 1 < knownTimes.length; before++) {
    if (knownTimes[before + 1] - knownTimes[before] - period <= maxGapSeconds) continue;
    grid.forEach((time, index) => {
      if (time > knownTimes[before] + slack && time < knownTimes[before + 1] - slack) mask[index] = 0;
    });
  }
  return mask;
}

/** The nearest fraction with a denominator of at most 100: 31.25 Hz is 125/4 Hz. */
export function toFraction(value) {
  let best = { up: Math.round(value), down: 1 };
  for (let down = 2; down <= 100; down++) {
    const up = Math.round(value * down);
    if (Math.abs(up / down - value) < Math.abs(best.up / best.down - value)) best = { up, down };
  }
  return best;
}

function divide(one, other) {
  const [up, down] = [one.up * other.down, one.down * other.up];
  let [divisor, rest] = [up, down];
  while (rest) [divisor, rest] = [rest, divisor % rest];
  return { up: up / divisor, down: down / divisor };
}

/** SciPy's resample_poly with a Kaiser filter and mirrored ends, around the mean. */
function resampleRational(signal, { up, down }) {
  if (up === down) return signal;
  const largest = Math.max(up, down);
  const taps = lowPass(40 * largest + 1, (down > up ? 0.9 : 1.0) / largest);
  const half = (taps.length - 1) / 2;
  const length = signal.length;
  const mean = signal.reduce((sum, value) => sum + value, 0) / length;
  return Float64Array.from({ length: Math.ceil((length * up) / down) }, (_, index) => {
    const centre = index * down; // on the grid that holds both rates
    let sum = 0;
    for (let sample = Math.ceil((centre - half) / up); sample * up <= centre + half; sample++) {
      sum += taps[half + centre - sample * up] * (signal[mirrored(sample, length)] - mean);
    }
    return up * sum + mean;
  });
}

/** Index into a signal that goes on as its mirror image beyond either end: c b a | a b c | c b a. */
function mirrored(index, length) {
  const place = ((index % (2 * length)) + 2 * length) % (2 * length);
  return place < length ? place : 2 * length - 1 - place;
}

/** SciPy's firwin: a windowed sinc that passes below `cutoff` (1 is the Nyquist frequency), of gain one at 0 Hz. */
function lowPass(count, cutoff) {
  const centre = (count - 1) / 2;
  const taps = Float64Array.from({ length: count }, (_, index) => {
    const place = Math.PI * cutoff * (index - centre);
    const kaiser = besselI0(KAISER_BETA * Math.sqrt(Math.max(0, 1 - ((index - centre) / centre) ** 2)));
    return (place === 0 ? 1 : Math.sin(place) / place) * kaiser;
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(value) {
  let [sum, term] = [1, 1];
  for (let order = 1; term > 1e-17 * sum; order++) {
    term *= (value / (2 * order)) ** 2;
    sum += term;
  }
  return sum;
}

/** First row and row past the end of every run of rows with a NaN in any channel. */
function missingRuns(channels) {
  const runs = [];
  for (let row = 0; row < channels[0].length; row++) {
    if (!channels.some((channel) => Number.isNaN(channel[row]))) continue;
    const previous = runs[runs.length - 1];
    if (previous && previous[1] === row) previous[1] = row + 1;
    else runs.push([row, row + 1]);
  }
  return runs;
}

/** Bridge NaN linearly; the ends keep the nearest number. */
function bridgeMissing(channel) {
  const filled = channel.slice();
  let before = -1;
  for (let row = 0; row <= channel.length; row++) {
    if (row < channel.length && Number.isNaN(channel[row])) continue;
    for (let gap = before + 1; gap < row; gap++) {
      if (before < 0) filled[gap] = channel[row];
      else if (row === channel.length) filled[gap] = channel[before];
      else filled[gap] = channel[before] + ((channel[row] - channel[before]) * (gap - before)) / (row - before);
    }
    before = row;
  }
  return filled;
}

/** Modified Akima interpolation (SciPy's Akima1DInterpolator, method "makima") at `points`, increasing. */
function interpolateMakima(times, values, points) {
  const slopes = makimaSlopes(times, values);
  let left = 0;
  return points.map((point) => {
    while (left < times.length - 2 && point >= times[left + 1]) left++;
    const width = times[left + 1] - times[left];
    const rise = (values[left + 1] - values[left]) / width;
    const offset = point - times[left];
    const bend = (slopes[left] + slopes[left + 1] - 2 * rise) / width;
    const curve = (rise - slopes[left]) / width - bend;
    return values[left] + offset * (slopes[left] + offset * (curve + (offset * bend) / width));
  });
}

function makimaSlopes(times, values) {
  const count = times.length;
  const chords = new Float64Array(count + 3);
  for (let row = 0; row + 1 < count; row++) chords[row + 2] = (values[row + 1] - values[row]) / (times[row + 1] - times[row]);
  if (count === 2) return new Float64Array(2).fill(chords[2]);
  chords[1] = 2 * chords[2] - chords[3];
  chords[0] = 2 * chords[1] - chords[2];
  chords[count + 1] = 2 * chords[count] - chords[count - 1];
  chords[count + 2] = 2 * chords[count + 1] - chords[count];
  const weight = (row) => Math.abs(chords[row + 1] - chords[row]) + 0.5 * Math.abs(chords[row + 1] + chords[row]);
  const sums = Float64Array.from({ length: count }, (_, row) => weight(row + 2) + weight(row));
  const negligible = 1e-9 * sums.reduce((most, sum) => Math.max(most, sum), 0);
  return sums.map((sum, row) =>
    sum > negligible
      ? chords[row + 1] + (weight(row) / sum) * (chords[row + 2] - chords[row + 1])
      : 0.5 * (chords[row + 3] + chords[row]),
  );
}

export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
