// Measure how long a pair is shown, and in how much of that time somebody did something.
const IDLE_AFTER_MS = 30000; // reading without a key, a move or a scroll
const TICK_MS = 1000;
const SIGNS_OF_LIFE = ["keydown", "pointermove", "pointerdown", "wheel", "scroll", "touchmove", "selectionchange"];

class Stopwatch {
  constructor(signal) {
    this.total = 0;
    this.active = 0;
    this.lifeAt = performance.now();
    this.lookedAt = performance.now();
    const live = () => { this.lifeAt = performance.now(); };
    for (const name of SIGNS_OF_LIFE) document.addEventListener(name, live, { signal, passive: true, capture: true });
    const timer = setInterval(() => this.look(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  start(earlier = {}) {
    this.total = (earlier.seconds ?? 0) * 1000;
    this.active = (earlier.active ?? 0) * 1000;
    this.lookedAt = performance.now();
    this.lifeAt = this.lookedAt;
  }

  look() {
    const now = performance.now();
    const passed = now - this.lookedAt;
    this.total += passed;
    if (!document.hidden && this.idle < IDLE_AFTER_MS) this.active += Math.min(passed, 2 * TICK_MS);
    this.lookedAt = now;
  }

  // Milliseconds since the last sign of life.
  get idle() {
    return performance.now() - this.lifeAt;
  }

  read() {
    this.look();
    return { seconds: Math.round(this.total / 100) / 10, active: Math.round(this.active / 100) / 10 };
  }
}
