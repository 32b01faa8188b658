// The verdicts and what stands below them; and how far one has come.
const VERDICT_KEYS = ["1", "2", "3", "4", "5", "0"];
const PACE_FROM = 10; // verdicts from which a pace means something
const LATER_MS = 15 * 60 * 1000; // how long somebody who put a break off is left in peace

class Foot {
  constructor(parts, texts, data, act, memory) {
    Object.assign(this, { parts, texts, data, act, memory });
    this.buildVerdicts();
    this.buildTools();
  }

  buildVerdicts() {
    const buttons = this.data.verdicts.map((verdict, at) => {
      const side = verdict.startsWith("A_") ? "pc-a" : verdict.startsWith("B_") ? "pc-b" : verdict === "both_bad" ? "pc-bad" : "";
      const strong = verdict.includes("much") ? "pc-strong" : "";
      const button = make("button", { type: "button", class: `pc-verdict ${side} ${strong}`, "data-verdict": verdict, "aria-keyshortcuts": VERDICT_KEYS[at] }, make("span", {}, this.texts.say(`verdict.${verdict}`)), kbd(VERDICT_KEYS[at]));
      button.addEventListener("click", () => this.act("judge", verdict));
      return button;
    });
    this.parts.verdicts.replaceChildren(...buttons);
  }

  buildTools() {
    const tools = this.data.mode === "label" ? [["skip", "S"], ["flag", "F"], ["undo", "Z"]] : [["flag", "F"]];
    this.parts.foot.replaceChildren(...tools.map(([name, key]) => {
      const button = make("button", { type: "button", class: "pc-tool", "data-do": name, "aria-keyshortcuts": key.toLowerCase() }, this.texts.say(`verdict.${name}`), kbd(key));
      button.addEventListener("click", () => this.act(name));
      return button;
    }), make("span", { class: "pc-quiet pc-keyhint" }, this.texts.say("card.keyhint")));
  }

  // Show which verdict was given before, and whether there is one to take back.
  show({ given, canUndo }) {
    for (const button of this.parts.verdicts.children) {
      if (given) button.setAttribute("aria-pressed", String(button.dataset.verdict === given));
      else button.removeAttribute("aria-pressed");
    }
    const undo = this.parts.foot.querySelector('[data-do="undo"]');
    if (undo) undo.disabled = !canUndo;
  }

  chosen(words, marks) {
    const texts = marks ? [...words, this.texts.say("card.marks", { count: marks })] : words;
    this.parts.chosen.hidden = texts.length === 0;
    this.parts.chosen.textContent = texts.join(" · ");
  }

  standing(told) {
    const { texts } = this;
    const facts = [];
    const add = (key, values, title = "") => facts.push(make("span", { class: "pc-fact", title }, texts.say(key, values)));
    if (told.sitting) add(`card.sitting_${told.sitting.pool}`, { answered: told.sitting.answered, total: told.sitting.total });
    if (told.done_today !== undefined) add("card.today", { count: told.done_today });
    if (told.total !== undefined) add("card.total", { count: told.total });
    if (told.per_hour && told.total >= PACE_FROM) add("card.per_hour", { number: texts.number(Math.round(told.per_hour)) });
    if (told.streak_days > 1) add("card.streak", { count: told.streak_days });
    if (told.gold?.of) add("card.gold", { right: told.gold.right, of: told.gold.of });
    if (told.consensus?.of) add("card.consensus", { share: texts.percent(told.consensus.share), of: told.consensus.of });
    if (told.break && Date.now() > this.memory.read("break_later", 0)) facts.push(this.breakHint(told.break.minutes));
    this.parts.standing.replaceChildren(...facts);
  }

  breakHint(minutes) {
    const later = make("button", { type: "button", class: "pc-later" }, this.texts.say("card.break_later"));
    const hint = make("span", { class: "pc-fact pc-break", role: "note" }, this.texts.say("card.break", { count: minutes }), later);
    later.addEventListener("click", () => {
      this.memory.write("break_later", Date.now() + LATER_MS);
      hint.remove();
    });
    return hint;
  }
}
