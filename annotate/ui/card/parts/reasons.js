// The reasons beside a verdict: aspects, error tags, a comment; together with the marks they are the draft.
const ASPECT_KEYS = "QWERTYUI";
const ASPECT_SIDES = ["A", "tie", "B"];
const NO_REASONS = { aspects: {}, tags: {}, spans: [], comment: "" };

function hasReasons(draft) {
  if (!draft) return false;
  const { aspects = {}, tags = {}, spans = [], comment = "" } = draft;
  return comment.trim() !== "" || spans.length > 0 || Object.keys(aspects).length > 0 || Object.values(tags).some((names) => names.length > 0);
}

class Reasons {
  constructor(parts, texts, data, changed) {
    Object.assign(this, { parts, texts, data, changed });
    this.aspects = {};
    this.tags = {};
    this.build();
    parts.comment.addEventListener("input", () => this.changed());
  }

  build() {
    const rows = this.data.aspects.map((aspect, at) => {
      const name = this.texts.say(`aspect.${aspect}`);
      const buttons = ASPECT_SIDES.map((side) => {
        const label = side === "tie" ? this.texts.say("aspect.tie") : side;
        const button = make("button", { type: "button", "data-aspect": aspect, "data-value": side, "aria-pressed": "false" }, label);
        button.addEventListener("click", () => this.set(aspect, this.aspects[aspect] === side ? null : side));
        return button;
      });
      const key = ASPECT_KEYS[at];
      return make("div", { class: "pc-aspect", role: "group", "aria-label": `${name} (${key})` },
        make("span", {}, kbd(key), ` ${name}`), make("span", { class: "pc-segments" }, ...buttons));
    });
    this.parts.aspects.replaceChildren(...rows);
    this.parts.tags.replaceChildren(...["A", "B"].map((side) => this.tagGroup(side)));
  }

  tagGroup(side) {
    const title = this.texts.say("card.errors", { side });
    const buttons = this.data.tags.map((tag) => {
      const button = make("button", { type: "button", class: "pc-tag", "data-tag": tag, "data-of": side, "aria-pressed": "false" }, this.texts.say(`tag.${tag}`));
      button.addEventListener("click", () => this.toggleTag(side, tag));
      return button;
    });
    return make("div", { class: `pc-taggroup pc-${side.toLowerCase()}`, role: "group", "aria-label": title }, make("p", { class: "pc-quiet" }, title), ...buttons);
  }

  show(draft) {
    this.aspects = { ...draft.aspects };
    this.tags = structuredClone(draft.tags ?? {});
    this.parts.comment.value = draft.comment ?? "";
    if (hasReasons({ ...draft, spans: [] })) this.parts.reasons.open = true;
    this.draw();
  }

  read() {
    const tags = Object.fromEntries(Object.entries(this.tags).filter(([, names]) => names.length));
    return { aspects: { ...this.aspects }, tags, comment: this.parts.comment.value };
  }

  // Turn an aspect over: none, A, same, B.
  cycle(aspect, back = false) {
    const order = [null, ...ASPECT_SIDES];
    const at = order.indexOf(this.aspects[aspect] ?? null);
    this.set(aspect, order[(at + (back ? order.length - 1 : 1)) % order.length]);
    return this.aspects[aspect];
  }

  set(aspect, side) {
    if (side === null) delete this.aspects[aspect];
    else this.aspects[aspect] = side;
    this.draw();
    this.changed();
  }

  toggleTag(side, tag) {
    const names = new Set(this.tags[side] ?? []);
    if (!names.delete(tag)) names.add(tag);
    this.tags[side] = this.data.tags.filter((one) => names.has(one));
    this.draw();
    this.changed();
  }

  draw() {
    for (const button of this.parts.aspects.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(this.aspects[button.dataset.aspect] === button.dataset.value));
    }
    for (const button of this.parts.tags.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String((this.tags[button.dataset.of] ?? []).includes(button.dataset.tag)));
    }
  }

  // What was chosen, in words, for the line above the verdicts.
  summary() {
    const side = (value) => (value === "tie" ? this.texts.say("aspect.tie") : value);
    const aspects = Object.entries(this.aspects).map(([aspect, value]) => `${this.texts.say(`aspect.${aspect}`)}: ${side(value)}`);
    const tags = Object.entries(this.tags).flatMap(([of, names]) => names.map((tag) => `${of}: ${this.texts.say(`tag.${tag}`)}`));
    return [...aspects, ...tags];
  }
}
