// What opens over the verdicts or the page: why to skip or flag, feedback in training, guidelines, legend.
const WHY_KEYS = "QWERTY";

class Panels {
  constructor(parts, texts, data, wire) {
    Object.assign(this, { parts, texts, data, wire });
    this.open = ""; // "skip", "flag", "feedback" or nothing
    this.pages = null;
    this.before = null;
  }

  get dialog() {
    return [this.parts["guideline-dialog"], this.parts["legend-dialog"]].find((one) => one.open);
  }

  // Ask why; `choose` gets the reason. Keys are letters: a digit pressed too early must not be taken for one.
  ask(kind, choose) {
    const reasons = kind === "skip" ? this.data.skips : this.data.flags;
    this.choices = reasons.map((reason) => () => { this.close(); choose(reason.replaceAll("_", " "), reason); });
    const title = this.texts.say(`${kind}.title`);
    const buttons = reasons.map((reason, at) => {
      const button = make("button", { type: "button", class: "pc-button", "aria-keyshortcuts": WHY_KEYS[at].toLowerCase() }, this.texts.say(`${kind}.${reason}`), kbd(WHY_KEYS[at]));
      button.addEventListener("click", this.choices[at]);
      return button;
    });
    const back = make("button", { type: "button", class: "pc-tool" }, this.texts.say("card.back"), kbd("Esc"));
    back.addEventListener("click", () => this.close());
    this.parts.why.replaceChildren(make("p", { class: "pc-ask" }, title), make("div", { class: "pc-row" }, ...buttons, back));
    this.parts.why.setAttribute("aria-label", title);
    this.show(kind, this.parts.why);
    buttons[0].focus();
  }

  choose(at) {
    this.choices?.[at]?.();
  }

  show(kind, element) {
    this.before = document.activeElement;
    this.open = kind;
    this.parts.why.hidden = element !== this.parts.why;
    this.parts.feedback.hidden = element !== this.parts.feedback;
    this.parts.judging.hidden = true;
  }

  // Say whether an answer in training was right, and why; `next` goes on.
  feedback(told, next) {
    const verdicts = told.verdicts.map((verdict) => this.texts.say(`verdict.${verdict}`)).join(", ");
    const head = make("p", { class: `pc-ask ${told.right ? "pc-right" : "pc-wrong"}` }, this.texts.say(told.right ? "card.right" : "card.wrong"));
    const body = make("div", { class: "pc-text" });
    body.innerHTML = told.html;
    const button = make("button", { type: "button", class: "pc-button pc-primary", "aria-keyshortcuts": "Enter n" }, this.texts.say("card.next"), kbd("N"));
    this.next = () => { this.close(); next(); };
    button.addEventListener("click", () => this.next());
    this.parts.feedback.replaceChildren(head, make("p", {}, this.texts.say("card.accepted", { verdicts })), body, button);
    this.parts.feedback.setAttribute("aria-label", head.textContent);
    this.show("feedback", this.parts.feedback);
    button.focus();
  }

  close() {
    if (!this.open) return false;
    this.open = "";
    this.parts.why.hidden = this.parts.feedback.hidden = true;
    this.parts.judging.hidden = false;
    if (this.before?.isConnected && this.parts.card.contains(this.before)) this.before.focus({ preventScroll: true });
    return true;
  }

  async guideline() {
    const { parts } = this;
    parts["guideline-dialog"].showModal();
    if (!this.pages) {
      parts["guideline-page"].textContent = this.texts.say("card.loading");
      try {
        const found = await this.wire.ask(`guideline?language=${encodeURIComponent(this.data.guidelines)}`);
        this.pages = found.pages;
        parts["guideline-version"].textContent = this.texts.say("card.version", { version: found.hash });
      } catch {
        parts["guideline-page"].textContent = this.texts.say("card.no_connection");
        return;
      }
      parts["guideline-tabs"].replaceChildren(...this.pages.map((page, at) => this.tab(page, at)));
    }
    this.turnTo(0);
  }

  tab(page, at) {
    const tab = make("button", { type: "button", role: "tab", "aria-selected": "false" }, page.title);
    tab.addEventListener("click", () => this.turnTo(at));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) this.turnTo((at + by + this.pages.length) % this.pages.length, true);
    });
    return tab;
  }

  turnTo(at, focus = false) {
    const page = this.parts["guideline-page"];
    page.innerHTML = this.pages[at].html;
    page.setAttribute("aria-label", this.pages[at].title);
    page.scrollTop = 0;
    [...this.parts["guideline-tabs"].children].forEach((tab, number) => {
      tab.setAttribute("aria-selected", String(number === at));
      tab.tabIndex = number === at ? 0 : -1;
      if (focus && number === at) tab.focus();
    });
  }

  legend(groups) {
    const list = groups.map(([title, rows]) =>
      make("section", {}, make("h3", {}, title), make("dl", {}, ...rows.flatMap(([key, name]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, name)]))));
    this.parts.legend.replaceChildren(...list);
    this.parts["legend-dialog"].showModal();
  }
}
