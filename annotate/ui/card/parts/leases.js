// Keep the pairs on loan while somebody works, give them back when nobody does.
const LOOK_MS = 15000;
const AWAY_MS = 10 * 60 * 1000; // nobody reads one pair longer without touching anything

class Leases {
  // `desk` has cards, shown, watch, wire, lost(ids), away() and working.
  constructor(desk, signal) {
    this.desk = desk;
    this.granted = new Map(); // assignment -> when its lease began here, and how long it is: clocks may differ
    const timer = setInterval(() => this.look(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    addEventListener("pagehide", () => this.leave(), { signal });
  }

  note(card) {
    this.granted.set(card.assignment, { at: Date.now(), ms: card.lasts_seconds * 1000 });
  }

  look() {
    if (!this.desk.working || this.desk.outbox.state !== "online") return;
    if (this.desk.watch.idle > AWAY_MS) return this.desk.away();
    const due = this.desk.cards.filter((card) => {
      const { at, ms } = this.granted.get(card.assignment);
      return Date.now() - at > ms / 2;
    });
    if (due.length) this.renew(due);
  }

  async renew(cards) {
    const answer = await this.desk.wire.post("renew", { assignments: cards.map((card) => card.assignment) }).catch(() => null);
    if (!answer) return; // the next look tries again
    for (const card of cards) {
      if (!answer.held[card.assignment]) continue;
      card.expires_at = answer.held[card.assignment];
      this.note(card);
    }
    if (answer.lost.length) this.desk.lost(answer.lost);
  }

  // Give back what nobody has begun to think about; a pair with a draft stays on loan for its author.
  leave() {
    if (!this.desk.working) return;
    const cards = this.desk.cards.filter((card) => !hasReasons(this.desk.memory.draft(card.assignment)));
    if (cards.length) this.desk.wire.farewell("release", goodbye(cards));
  }
}

function goodbye(cards) {
  return {
    assignments: cards.map((card) => card.assignment),
    seen: Object.fromEntries(cards.map((card) => [card.assignment, card.expires_at])),
  };
}
