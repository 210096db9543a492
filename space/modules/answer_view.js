// The answer: the best activity, the scores of all, and how often the movement was repeated.

const ANNOUNCE_EVERY = 3000; // ms; a screen reader should not be talked over

const best = document.getElementById("best");
const scores = document.getElementById("scores");
const announcement = document.getElementById("announcement");
const repetitions = document.getElementById("repetitions");
const repetitionsUnit = document.getElementById("repetitions-unit");
let announcedAt = -Infinity;

/** Show the probabilities of the activities, best first; `where` is read out with a change, as in "at 0:12". */
export function showAnswer(names, probabilities, where = "") {
  const ranked = names.map((name, index) => ({ name, score: probabilities[index] })).sort((one, other) => other.score - one.score);
  const said = `${ranked[0].name}, ${percent(ranked[0].score)}${where}`;
  if (best.textContent !== ranked[0].name && performance.now() - announcedAt > ANNOUNCE_EVERY) {
    announcement.textContent = `Looks most like ${said}`;
    announcedAt = performance.now();
  }
  best.textContent = ranked[0].name;
  while (scores.children.length < ranked.length) scores.append(scoreRow());
  while (scores.children.length > ranked.length) scores.lastElementChild.remove();
  ranked.forEach(({ name, score }, index) => {
    const row = scores.children[index];
    row.querySelector(".name").textContent = name;
    row.querySelector(".score").textContent = percent(score);
    row.querySelector("i").style.width = `${100 * score}%`;
    row.dataset.score = score;
  });
}

export function clearAnswer() {
  best.textContent = "";
  scores.replaceChildren();
  repetitions.parentElement.hidden = true;
}

/** @param found `{count, period}` or null; @param seconds that were looked at. */
export function showRepetitions(found, seconds) {
  const span = `in ${Math.round(seconds)} seconds`;
  repetitions.parentElement.hidden = false;
  repetitions.textContent = found ? `${found.count}` : "–";
  repetitionsUnit.textContent = found
    ? `repetitions ${span}, one every ${found.period.toFixed(1)} s`
    : `nothing that repeats ${span}`;
}

function scoreRow() {
  const row = document.createElement("li");
  for (const [tag, name] of [["span", "name"], ["span", "bar"], ["span", "score"]]) {
    const part = document.createElement(tag);
    part.className = name;
    row.append(part);
  }
  row.querySelector(".bar").setAttribute("aria-hidden", "true");
  row.querySelector(".bar").append(document.createElement("i"));
  return row;
}

function percent(score) {
  return `${Math.round(100 * score)} %`;
}
