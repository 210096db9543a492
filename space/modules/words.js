// Names of activities and where they lie in the joint space: a table made by the text encoder when the page was built.

/** The table: lookup, suggestions, and probabilities of names for an embedding of movement. */
export class Words {
  /** @param table `{names, embeddings}`: L2-normalised rows as float32, little-endian, in base64. */
  constructor({ names, embeddings }, logitScale) {
    this.names = names;
    this.logitScale = logitScale;
    const bytes = Uint8Array.from(atob(embeddings), (character) => character.charCodeAt(0));
    this.embeddings = new Float32Array(bytes.buffer);
    this.dimension = this.embeddings.length / names.length;
    this.rows = new Map(names.map((name, row) => [plain(name), row]));
  }

  /** The table's spelling of a name, or null. */
  find(name) {
    const row = this.rows.get(plain(name));
    return row === undefined ? null : this.names[row];
  }

  /** Names of the table that look most like what was typed, best first. */
  suggest(typed, count = 3) {
    const wanted = pairs(plain(typed));
    const scored = this.names.map((name) => ({ name, score: likeness(wanted, pairs(plain(name))) }));
    return scored
      .filter(({ score }) => score > 0.25)
      .sort((one, other) => other.score - one.score)
      .slice(0, count)
      .map(({ name }) => name);
  }

  /** Softmax over `names` of the scaled cosine similarity with `embedding`: which fits best, not whether any does. */
  probabilities(embedding, names) {
    const logits = names.map((name) => {
      const offset = this.rows.get(plain(name)) * this.dimension;
      let cosine = 0;
      for (let index = 0; index < this.dimension; index++) cosine += embedding[index] * this.embeddings[offset + index];
      return this.logitScale * cosine;
    });
    const largest = Math.max(...logits);
    const weights = logits.map((logit) => Math.exp(logit - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  }
}

function plain(name) {
  return name.toLowerCase().replace(/[-_\s]+/g, " ").trim();
}

function pairs(text) {
  const padded = ` ${text} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, index) => padded.slice(index, index + 2)));
}

/** Sørensen-Dice coefficient of two sets of letter pairs. */
function likeness(one, other) {
  const shared = [...one].filter((pair) => other.has(pair)).length;
  return (2 * shared) / (one.size + other.size);
}
