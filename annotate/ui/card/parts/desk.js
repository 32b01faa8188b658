// One person's desk: the pair shown, those ahead, and what was said about them.
const AHEAD = 3; // pairs in the browser, the one shown among them
const POLL_MS = 30000;
const PAUSE_MS = 300; // before asking again when an answer brought nothing
const SAVE_MS = 5000;

class Desk extends Hands {
  constructor(root, data, stop) {
    super();
    this.root = root;
    this.data = data;
    this.stop = stop; // tells the Python side why the card cannot go on
    this.texts = new Texts(data.texts, data.language);
    this.parts = Object.fromEntries([root, ...root.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
    this.life = new AbortController();
    const { signal } = this.life;
    this.memory = new Memory(data.who, data.base);
    this.wire = new Wire(data.base);
    this.cards = []; // the first one is shown
    this.shown = null;
    this.amending = new Set();
    this.reason = null;
    this.working = false;
    this.place = "loading"; // "pair", "empty", "elsewhere", "away"
    const act = (name, value) => this.act(name, value);
    this.notices = new Notices(this.parts, this.texts, act);
    this.watch = new Stopwatch(signal);
    this.outbox = new Outbox(this.memory, this.wire, {
      wanted: (step) => this.wanted(step),
      arrived: (step, answer) => this.arrived(step, answer),
      refused: (step, reason) => this.refused(step, reason),
      state: () => this.drawConnection(),
      idle: () => this.fill(),
    });
    this.leases = new Leases(this, signal);
    this.pages = new Pages(this.parts, this.texts);
    this.evidence = new Evidence(this.parts, (text) => this.notices.say(text, { quiet: true }), signal);
    this.spans = new Spans(this.parts, this.texts, data.spans, () => this.changed(), (text) => this.notices.say(text, { quiet: true }));
    this.reasons = new Reasons(this.parts, this.texts, data, () => this.changed());
    this.panels = new Panels(this.parts, this.texts, data, this.wire);
    this.foot = new Foot(this.parts, this.texts, data, act, this.memory);
    this.keys = new Keys(this, signal);
    this.turnOf = new Turn(`pairloop:${data.base}:${data.who}`, () => this.begin(), () => this.yield());
    this.listen(signal);
    this.turnOf.ask();
  }

  listen(signal) {
    this.root.addEventListener("click", (event) => {
      const name = event.target.closest("[data-do]")?.dataset.do;
      if (["guideline", "legend", "close", "again"].includes(name)) this.act(name);
    }, { signal });
    addEventListener("online", () => this.act("retry"), { signal });
    addEventListener("pagehide", () => this.save(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.working && this.restart(), { signal });
    const saving = setInterval(() => this.save(), SAVE_MS);
    const polling = setInterval(() => this.place === "empty" && !document.hidden && this.fill(true), POLL_MS);
    signal.addEventListener("abort", () => { clearInterval(saving); clearInterval(polling); });
  }

  // This tab works now.
  begin() {
    this.working = true;
    this.outbox.paused = false;
    this.notices.refused(this.memory.refused);
    this.restart();
  }

  restart() {
    this.cards = [];
    this.shown = null;
    this.outbox.retry();
    this.fill(true);
  }

  // Another tab works; the verdicts that wait are sent from there.
  yield() {
    this.save();
    this.working = false;
    this.outbox.close();
    this.cards = [];
    this.shown = null;
    this.rest("elsewhere", null, "card.work_here");
  }

  // Nobody is there: others may have the pairs.
  away() {
    this.save();
    this.leases.leave();
    this.cards = [];
    this.shown = null;
    this.rest("away", null, "card.go_on");
  }

  get holding() {
    return [...this.cards.map((card) => card.assignment), ...this.outbox.settled];
  }

  wanted(step) {
    const settled = this.outbox.settled.filter((assignment) => assignment !== step.assignment);
    const holding = this.holding.filter((assignment) => assignment !== step.assignment || step.kind !== "judge");
    const asked = { count: Math.min(AHEAD + settled.length, 10), holding: [...new Set(holding)] };
    return step.kind === "judge" ? { ...asked, amend: this.amending.has(step.assignment) } : asked;
  }

  // Ask for pairs where there are too few; one question at a time.
  async fill(anyway = false) {
    const few = this.cards.length < 2 && !this.reason;
    if (!this.working || this.filling || this.outbox.size || (!few && !anyway)) return;
    this.filling = true;
    try {
      this.deal(await this.wire.post("take", { count: AHEAD, holding: this.holding }));
      this.outbox.to("online");
    } catch (error) {
      if (error instanceof Refusal) this.deal({ cards: [], waiting: { code: error.code, text: error.message } });
      else this.outbox.fail(error);
    } finally {
      this.filling = false;
    }
  }

  // Take what the server brought.
  deal(answer) {
    if (!this.working) return;
    const known = new Set(this.holding);
    for (const card of answer.cards ?? []) {
      if (known.has(card.assignment)) continue;
      this.cards.push(card);
      this.leases.note(card);
    }
    this.reason = answer.waiting ?? null;
    if (answer.standing && Object.keys(answer.standing).length) this.foot.standing(answer.standing);
    if (!this.shown && this.panels.open !== "feedback") this.next();
  }

  arrived(step, answer) {
    if (step.kind === "undo" && answer.status === "refused") this.amending.add(step.assignment);
    if (step.kind === "judge" && answer.feedback) this.learn(answer.feedback);
    if (answer.status === "amended") this.notices.say(this.texts.say("card.amended"));
    this.deal(answer);
    this.drawConnection();
  }

  refused(step, reason) {
    if (step.kind === "undo") return this.notices.say(this.texts.say(`why.${reason.code}`));
    if (reason.code === "guideline_changed") this.startOver(step);
    this.memory.addRefused({ key: step.key, reason, verdict: step.body.verdict, comment: step.body.comment, question: step.question });
    this.notices.refused(this.memory.refused);
  }

  // The guidelines changed: all pairs come again once they are confirmed, with what was written.
  startOver(step) {
    this.save();
    this.memory.saveDraft(step.assignment, step.draft);
    this.cards = [];
    this.shown = null;
  }

  // Leases that ran out: say so, and keep what was written.
  lost(assignments) {
    for (const card of this.cards.filter((one) => assignments.includes(one.assignment))) {
      const draft = card === this.shown ? this.draft() : this.memory.draft(card.assignment);
      const told = { key: newKey(), reason: { code: "lease" }, comment: draft?.comment, question: plainText(card.question.html) };
      if (card === this.shown || hasReasons(draft)) this.memory.addRefused(told);
    }
    this.cards = this.cards.filter((one) => !assignments.includes(one.assignment));
    this.notices.refused(this.memory.refused);
    if (!this.cards.includes(this.shown)) this.next();
  }

  // Show the first pair, or why there is none.
  next() {
    this.panels.close();
    this.shown = this.cards[0] ?? null;
    if (!this.shown) {
      if (!this.reason) return this.rest("loading", null, "card.retry");
      if (["guideline", "training", "exam", "sitting_ended"].includes(this.reason.code)) this.stop(this.reason.code);
      return this.rest(this.reason.code, this.reason, "card.look_again");
    }
    const draft = this.memory.draft(this.shown.assignment) ?? NO_REASONS;
    this.place = "pair";
    this.parts.empty.hidden = true;
    this.parts.pair.hidden = false;
    this.parts.card.setAttribute("aria-busy", "false");
    this.pages.show(this.shown);
    this.reasons.show(draft);
    this.spans.show(this.shown, draft.spans ?? []);
    this.watch.start(draft);
    this.shownAt = performance.now();
    this.foot.show({ given: draft.verdict, canUndo: this.memory.history.length > 0 });
    this.drawChosen();
    this.parts.card.scrollIntoView({ block: "start" });
    this.parts.question.focus({ preventScroll: true });
    this.fill();
  }

  rest(kind, reason, action) {
    this.place = ["elsewhere", "away", "loading"].includes(kind) ? kind : "empty";
    const wasEmpty = !this.parts.empty.hidden;
    this.parts.pair.hidden = true;
    this.parts.empty.hidden = false;
    this.parts.card.setAttribute("aria-busy", String(kind === "loading"));
    this.notices.empty(kind, reason, action);
    if (!wasEmpty && kind !== "loading") this.parts["empty-title"].focus({ preventScroll: true });
    if (kind === "loading") setTimeout(() => !this.shown && this.fill(), PAUSE_MS);
  }

  draft() {
    const { seconds, active } = this.watch.read();
    return { ...this.reasons.read(), spans: this.spans.marks, seconds, active };
  }

  save() {
    if (this.working && this.shown) this.memory.saveDraft(this.shown.assignment, this.draft());
  }

  changed() {
    this.save();
    this.drawChosen();
  }

  drawChosen() {
    this.foot.chosen(this.reasons.summary(), this.spans.marks.length);
  }

  drawConnection() {
    this.notices.connection(this.outbox.state, this.outbox.size);
  }

  close() {
    this.save();
    this.leases.leave();
    this.working = false;
    this.outbox.close();
    this.turnOf.close();
    this.life.abort();
  }
}

function plainText(html) {
  return new DOMParser().parseFromString(html.replaceAll("<br>", "\n"), "text/html").body.textContent;
}
