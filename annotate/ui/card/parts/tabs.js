// Let one tab of a person work at a time: a lock of the browser, which ends with the tab that holds it.
class Turn {
  // `gained` is called when this tab may work, `yielded` when another one works.
  constructor(name, gained, yielded) {
    this.name = name;
    this.gained = gained;
    this.yielded = yielded;
    this.closed = false;
    this.waiting = new AbortController();
    this.letGo = () => {};
  }

  // Work if nobody does; else wait until the other tab is closed.
  async ask() {
    if (!navigator.locks) return this.gained(); // only without TLS; the server keeps verdicts apart
    const outcome = await this.request({ ifAvailable: true });
    if (outcome === "taken") this.standBy();
  }

  // Take the turn from the other tab.
  take() {
    this.waiting.abort();
    this.request({ steal: true });
  }

  async standBy() {
    this.yielded();
    this.waiting = new AbortController();
    await this.request({ signal: this.waiting.signal });
  }

  async request(options) {
    let held = false;
    try {
      return await navigator.locks.request(this.name, options, (lock) => {
        if (!lock) return "taken";
        if (this.closed) return "closed";
        held = true;
        return this.hold();
      });
    } catch {
      if (held && !this.closed) this.standBy(); // another tab took it
      return "ended";
    }
  }

  hold() {
    this.gained();
    return new Promise((resolve) => { this.letGo = () => resolve("closed"); });
  }

  close() {
    this.closed = true;
    this.waiting.abort();
    this.letGo();
  }
}
