// What a person does at the desk: judge, skip, flag, undo, write reasons, open and close things.
// The desk (desk.js) extends this: it knows which pairs there are and what the server said.
class Hands {
  act(name, value) {
    const actions = {
      judge: () => this.judge(value),
      skip: () => this.askWhy("skip"),
      flag: () => this.askWhy("flag"),
      undo: () => this.undo(),
      guideline: () => this.panels.guideline(),
      legend: () => this.panels.legend(this.keys.legend()),
      close: () => this.panels.dialog?.close(),
      again: () => this.again(),
      retry: () => { this.outbox.retry(); this.fill(true); },
      seen: () => { this.memory.dropRefused(value); this.notices.refused(this.memory.refused); },
    };
    actions[name]?.();
  }

  again() {
    if (this.place === "elsewhere") return this.turnOf.take();
    this.reason = null;
    this.watch.lifeAt = performance.now();
    this.restart();
  }

  judge(verdict) {
    if (!this.shown || this.panels.open || performance.now() - this.shownAt < HELD_MS) return;
    const card = this.shown;
    const draft = { ...this.draft(), verdict };
    const { seconds, active, aspects, tags, spans, comment } = draft;
    const body = { assignment: card.assignment, key: newKey(), verdict, aspects, tags, spans, comment, seconds, active_seconds: active, guideline: card.guideline };
    this.settle(card);
    this.memory.pushHistory({ card, draft, key: body.key });
    this.notices.say(this.texts.say("card.said", { verdict: this.texts.say(`verdict.${verdict}`) }), { quiet: true });
    this.send("judge", card, body, draft);
    if (this.data.mode === "training") this.parts.card.setAttribute("aria-busy", "true"); // until the feedback is here
    else this.next();
  }

  // A pair is dealt with: it leaves the desk, its draft with it.
  settle(card) {
    this.memory.dropDraft(card.assignment);
    this.cards = this.cards.filter((one) => one !== card);
    this.shown = null;
  }

  send(kind, card, body, draft) {
    const question = plainText(card.question.html);
    this.outbox.add({ kind, key: body.key ?? newKey(), assignment: card.assignment, body, draft, question });
    this.drawConnection();
  }

  learn(feedback) {
    this.parts.card.setAttribute("aria-busy", "false");
    this.panels.feedback(feedback, () => this.next());
  }

  askWhy(kind) {
    if (!this.shown || (kind === "skip" && this.data.mode !== "label")) return;
    const card = this.shown;
    this.panels.ask(kind, (reason, name) => {
      if (kind === "skip") this.settle(card);
      this.send(kind, card, { assignment: card.assignment, reason });
      if (kind === "skip") return this.next();
      this.notices.say(this.texts.say("card.flagged", { reason: this.texts.say(`flag.${name}`) }));
    });
  }

  // Show the last pair again: its verdict is taken back, or changed where it is too late for that.
  undo() {
    if (this.data.mode !== "label" || this.panels.open) return;
    const last = this.memory.popHistory();
    if (!last) return this.notices.say(this.texts.say("card.nothing_to_undo"));
    this.save();
    if (!this.outbox.withdraw(last.key)) this.send("undo", last.card, { assignment: last.card.assignment });
    this.memory.saveDraft(last.card.assignment, last.draft);
    this.cards.unshift(last.card);
    this.leases.note(last.card);
    this.next();
    this.notices.say(this.texts.say("card.undone", { verdict: this.texts.say(`verdict.${last.draft.verdict}`) }));
  }

  turn(aspect, back) {
    this.parts.reasons.open = true;
    const side = this.reasons.cycle(aspect, back);
    const told = side === undefined ? this.texts.say("card.none") : side === "tie" ? this.texts.say("aspect.tie") : side;
    this.notices.say(`${this.texts.say(`aspect.${aspect}`)}: ${told}`, { quiet: true });
  }

  openComment() {
    this.parts.reasons.open = true;
    this.parts.comment.focus();
  }

  openTags() {
    this.parts.reasons.open = true;
    this.parts.tags.querySelector("button").focus();
  }

  escapes() {
    return Boolean(this.panels.dialog || (this.panels.open && this.panels.open !== "feedback") || document.activeElement === this.parts.comment || this.spans.cursor);
  }

  // Step out of what is open, innermost first.
  escape() {
    if (this.panels.dialog) return this.panels.dialog.close();
    if (this.panels.close()) return;
    if (document.activeElement === this.parts.comment) return this.parts.question.focus({ preventScroll: true });
    this.spans.leave();
  }
}
