(() => {
  // A key presses its button as soon as the button is there. Streamlit binds the keys of a button only after
  // it has drawn it, and whatever is pressed until then would be lost.
  const PATIENCE_MS = 20000; // a key that was pressed longer ago was meant for something else
  const TYPING = "input, textarea, select, [contenteditable=''], [contenteditable=true], [role=combobox], [role=textbox]";
  const OPEN = '[role="dialog"], [role="listbox"]';
  const HERE = ".pl-keys"; // while this is on the page, the keys are ours

  class Keys {
    constructor(buttons) {
      this.buttons = buttons;
      this.waiting = [];
      this.ended = new AbortController();
      this.watcher = new MutationObserver(() => this.serve());
      // Before anybody else, so that no key presses twice.
      addEventListener("keydown", (event) => this.press(event), { capture: true, signal: this.ended.signal });
    }

    press(event) {
      const name = this.buttons[event.code];
      if (!document.querySelector(HERE)) return;
      if (!name || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
      if (event.composedPath()[0].closest?.(TYPING) || document.querySelector(OPEN)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.repeat) return;
      this.waiting.push({ name, until: performance.now() + PATIENCE_MS });
      this.serve();
    }

    // In the order of the keys: none overtakes one that waits for its button.
    serve() {
      while (this.waiting.length) {
        const { name, until } = this.waiting[0];
        const button = document.querySelector(`.st-key-${name} button:not([disabled])`);
        if (!button && performance.now() < until) break;
        this.waiting.shift();
        button?.click();
      }
      if (this.waiting.length) this.watcher.observe(document.body, { childList: true, subtree: true });
      else this.watcher.disconnect();
    }

    close() {
      this.ended.abort();
      this.watcher.disconnect();
    }
  }

  window.pairloopKeys?.close();
  window.pairloopKeys = new Keys(JSON.parse(document.querySelector(HERE).dataset.buttons));
})();
