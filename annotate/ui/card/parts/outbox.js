// Send steps in the order in which they were made. Each waits in the browser's storage until the server
// has answered; its key makes sending it twice harmless.
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 20000;

class Outbox {
  // `hear` is told what happens: wanted(), arrived(step, answer), refused(step, reason), state(name).
  constructor(memory, wire, hear) {
    this.memory = memory;
    this.wire = wire;
    this.hear = hear;
    this.flying = null;
    this.running = false;
    this.paused = true; // until this tab is the one that works
    this.wait = FIRST_WAIT_MS;
    this.timer = 0;
    this.state = "online";
  }

  get size() {
    return this.memory.steps.length;
  }

  // Assignments that are dealt with here, whatever the server knows so far.
  get settled() {
    return this.memory.steps.filter((step) => step.kind === "judge" || step.kind === "skip").map((step) => step.assignment);
  }

  add(step) {
    this.memory.addStep(step);
    this.run();
  }

  // Take a step back that has not been sent; false when it is on its way or gone.
  withdraw(key) {
    const waits = this.memory.steps.some((step) => step.key === key);
    if (!waits || this.flying === key) return false;
    this.memory.dropStep(key);
    return true;
  }

  retry() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.wait = FIRST_WAIT_MS;
    this.run();
  }

  async run() {
    if (this.running || this.paused || this.timer) return;
    this.running = true;
    try {
      for (let step = this.memory.steps[0]; step && !this.paused; step = this.memory.steps[0]) {
        this.flying = step.key;
        await this.send(step);
        this.flying = null;
        this.to("online");
        this.wait = FIRST_WAIT_MS;
      }
    } catch (error) {
      this.flying = null;
      this.fail(error);
    } finally {
      this.running = false;
    }
  }

  async send(step) {
    let answer;
    try {
      answer = await this.wire.post(step.kind, { ...step.body, ...this.hear.wanted(step) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.memory.dropStep(step.key);
      this.hear.refused(step, { code: error.code, text: error.message });
      return;
    }
    this.memory.dropStep(step.key);
    if (answer.status === "lost" || answer.status === "refused") this.hear.refused(step, answer.reason ?? {});
    this.hear.arrived(step, answer);
  }

  fail(error) {
    if (error instanceof SignedOut) return this.to("signed_out");
    if (!(error instanceof Outage)) throw error;
    this.to("offline");
    const wait = error.waitSeconds * 1000 || this.wait;
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    this.timer = setTimeout(() => { this.timer = 0; this.run(); this.hear.idle(); }, wait);
  }

  to(state) {
    this.state = state;
    this.hear.state();
  }

  close() {
    this.paused = true;
    clearTimeout(this.timer);
  }
}
