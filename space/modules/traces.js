// Live traces: three axes over the last seconds, drawn on a canvas in the page's colours.

const SECONDS = 10;

/**
 * Draw three channels up to sample `end`.
 *
 * @param canvas its label for screen readers is kept up to date.
 * @param channels x, y, z; @param mask 0 where the line is broken; @param rate in Hz.
 * @param least half of the height of the vertical scale, at least.
 * @param name what is drawn, with its unit.
 */
export function drawTraces(canvas, { channels, mask, rate, end, least, name }) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);

  const first = Math.max(0, end - SECONDS * rate);
  const shown = channels.map((channel) => channel.subarray(first, end));
  const largest = Math.max(least, ...shown.map((channel) => channel.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
  const scale = roundUp(1.1 * largest);
  const colours = getComputedStyle(canvas);
  drawGrid(context, width, height, scale, colours);
  const across = (index) => width - ((end - first - 1 - index) / (SECONDS * rate)) * width;
  const down = (value) => height / 2 - (value / scale) * (height / 2 - 4);
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  ["x", "y", "z"].forEach((axis, number) => {
    context.strokeStyle = colours.getPropertyValue(`--${axis}`);
    context.beginPath();
    let drawing = false;
    shown[number].forEach((value, index) => {
      const real = mask[first + index];
      if (real && drawing) context.lineTo(across(index), down(value));
      else if (real) context.moveTo(across(index), down(value));
      drawing = Boolean(real);
    });
    context.stroke();
  });
  const ranges = shown.map((channel, number) => `${"xyz"[number]} ${describeRange(channel)}`);
  canvas.setAttribute("aria-label", `${name} over the last ${Math.round(Math.min(SECONDS, shown[0].length / rate))} seconds: ${ranges.join(", ")}`);
}

/** Say on an empty canvas why it is empty. */
export function clearTraces(canvas, text) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  drawGrid(context, canvas.clientWidth, canvas.clientHeight, null, style);
  context.fillStyle = style.getPropertyValue("--quiet");
  context.font = `14px ${style.fontFamily}`;
  context.textAlign = "center";
  context.fillText(text, canvas.clientWidth / 2, canvas.clientHeight / 2 - 8);
  canvas.setAttribute("aria-label", text);
}

function drawGrid(context, width, height, scale, style) {
  context.strokeStyle = style.getPropertyValue("--line");
  context.lineWidth = 1;
  for (const place of [4, height / 2, height - 4]) {
    context.beginPath();
    context.moveTo(0, Math.round(place) + 0.5);
    context.lineTo(width, Math.round(place) + 0.5);
    context.stroke();
  }
  if (scale === null) return;
  context.fillStyle = style.getPropertyValue("--quiet");
  context.font = `11px ${style.fontFamily}`;
  context.textAlign = "left";
  context.fillText(`${scale}`, 2, 16);
  context.fillText(`−${scale}`, 2, height - 8);
}

function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 5, 10].map((factor) => factor * power).find((round) => round >= value);
}

function describeRange(channel) {
  if (!channel.length) return "nothing";
  const least = channel.reduce((low, value) => Math.min(low, value), Infinity);
  const most = channel.reduce((high, value) => Math.max(high, value), -Infinity);
  return `${least.toFixed(1)} to ${most.toFixed(1)}`;
}
