// The editable list of activities.

const LEAST = 2; // with a single name, the softmax always says 100 %

/** Binds the list and its form; `changed` is called after every change. */
export class Activities {
  constructor(words, first, changed) {
    this.words = words;
    this.first = [...first];
    this.names = [...first];
    this.changed = changed;
    this.list = document.getElementById("activities");
    this.input = document.getElementById("activity");
    this.message = document.getElementById("add-message");
    this.suggestions = document.getElementById("suggestions");
    document.getElementById("names").append(...words.names.map((name) => new Option(name)));
    document.getElementById("add").addEventListener("submit", (event) => {
      event.preventDefault();
      this.add(this.input.value);
    });
    document.getElementById("reset").addEventListener("click", () => {
      this.names = [...this.first];
      this.say(`The list has its first ${this.names.length} activities again.`);
      this.update();
    });
    this.render();
  }

  add(typed) {
    const name = this.words.find(typed);
    if (!typed.trim()) return this.say("Type the name of an activity first.");
    if (name === null) {
      const near = this.words.suggest(typed);
      const known = `“${typed.trim()}” is not among the ${this.words.names.length} names that this page knows.`;
      return this.say(near.length ? `${known} Similar ones:` : `${known} Try another word for it.`, near);
    }
    if (this.names.includes(name)) return this.say(`“${name}” is in the list already.`);
    this.names.push(name);
    this.input.value = "";
    this.say(`Added ${name}.`);
    return this.update();
  }

  remove(name) {
    const place = this.names.indexOf(name);
    this.names.splice(place, 1);
    this.say(`Removed ${name}.`);
    this.update();
    // The button that had the focus is gone: its neighbour takes it.
    this.list.querySelectorAll("button")[Math.min(place, this.names.length - 1)].focus();
  }

  update() {
    this.render();
    this.changed();
  }

  render() {
    const items = this.names.map((name) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "×";
      button.setAttribute("aria-label", `Remove ${name}`);
      button.disabled = this.names.length <= LEAST;
      button.addEventListener("click", () => this.remove(name));
      item.append(name, button);
      return item;
    });
    this.list.replaceChildren(...items);
  }

  say(text, suggested = []) {
    this.message.textContent = text;
    const buttons = suggested.map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => {
        this.add(name);
        this.input.focus();
      });
      return button;
    });
    this.suggestions.replaceChildren(...buttons);
  }
}
