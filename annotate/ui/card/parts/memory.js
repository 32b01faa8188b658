// What must survive a reload: steps not yet sent, drafts, refused verdicts, the last pairs judged.
// Every change reads what is stored first, since another tab of the same person may have changed it.
const KEPT_DRAFTS = 40;
const KEPT_HISTORY = 5;

class Memory {
  constructor(who, base) {
    this.prefix = `pairloop:${base}:${who}:`;
    this.fallback = new Map(); // where the browser allows no storage, the page itself remembers
  }

  read(name, otherwise) {
    try {
      const text = localStorage.getItem(this.prefix + name);
      return text === null ? this.fallback.get(name) ?? otherwise : JSON.parse(text);
    } catch {
      return this.fallback.get(name) ?? otherwise;
    }
  }

  write(name, value) {
    try {
      localStorage.setItem(this.prefix + name, JSON.stringify(value));
      this.fallback.delete(name);
    } catch {
      this.fallback.set(name, value);
    }
  }

  get steps() {
    return this.read("steps", []);
  }

  addStep(step) {
    this.write("steps", [...this.steps, step]);
  }

  dropStep(key) {
    this.write("steps", this.steps.filter((step) => step.key !== key));
  }

  draft(assignment) {
    return this.read("drafts", {})[assignment]?.draft;
  }

  saveDraft(assignment, draft) {
    const drafts = { ...this.read("drafts", {}), [assignment]: { draft, at: Date.now() } };
    const newest = Object.entries(drafts).sort((a, b) => b[1].at - a[1].at).slice(0, KEPT_DRAFTS);
    this.write("drafts", Object.fromEntries(newest));
  }

  dropDraft(assignment) {
    const { [assignment]: _, ...rest } = this.read("drafts", {});
    this.write("drafts", rest);
  }

  get refused() {
    return this.read("refused", []);
  }

  addRefused(entry) {
    this.write("refused", [...this.refused, entry].slice(-20));
  }

  dropRefused(key) {
    this.write("refused", this.refused.filter((entry) => entry.key !== key));
  }

  // Pairs judged last, the latest at the end, so that they can be shown again to change the verdict.
  get history() {
    return this.read("history", []);
  }

  pushHistory(entry) {
    const others = this.history.filter((one) => one.card.assignment !== entry.card.assignment);
    this.write("history", [...others, entry].slice(-KEPT_HISTORY));
  }

  popHistory() {
    const history = this.history;
    const last = history.pop();
    this.write("history", history);
    return last;
  }
}
