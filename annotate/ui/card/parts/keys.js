// Keys by their place on the keyboard, so that they work with a Russian layout as well.
const MARK_KEYS = ["KeyV", "KeyB", "KeyN", "KeyM"];
const HELD_MS = 350; // a verdict so soon after a pair appeared is a key held down, or was meant for the one before

class Keys {
  constructor(desk, signal) {
    this.desk = desk;
    // Before anybody else: Streamlit has single keys of its own.
    addEventListener("keydown", (event) => this.press(event), { signal, capture: true });
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!this.desk.root.isConnected || this.isElsewhere(event)) return;
    const action = this.action(event);
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) action();
  }

  // Somebody types, or another dialog or menu of the page is open.
  isElsewhere(event) {
    const at = event.composedPath()[0];
    const typing = at.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=''], [contenteditable=true], [role=combobox], [role=textbox], [role=listbox], [role=menu]");
    if (typing) {
      if (event.key === "Escape" && this.desk.root.contains(at)) return false;
      return true;
    }
    const dialog = document.querySelector('[role="dialog"], [role="listbox"]');
    return Boolean(dialog) && !this.desk.root.contains(dialog);
  }

  action(event) {
    const { desk } = this;
    const { panels } = desk;
    const code = event.code;
    if (code === "Escape") return desk.escapes() ? () => desk.escape() : null;
    if (panels.dialog || !desk.working) return null;
    if (event.key === "?" || (code === "Slash" && event.shiftKey) || code === "KeyH") return () => desk.act("legend");
    if (code === "KeyG") return () => desk.act("guideline");
    if (panels.open === "feedback") return code === "KeyN" ? () => panels.next() : null;
    if (!desk.shown) return code === "KeyZ" ? () => desk.act("undo") : null;
    if (panels.open) {
      const at = WHY_KEYS.indexOf(code.replace("Key", ""));
      return at >= 0 && at < panels.choices.length ? () => panels.choose(at) : this.swallow(code);
    }
    return this.judging(event);
  }

  // While a reason is asked for, digits judge nothing.
  swallow(code) {
    return /^(Digit|Numpad)\d$/.test(code) ? () => {} : null;
  }

  judging(event) {
    const { desk } = this;
    const { code } = event;
    const digit = /^(?:Digit|Numpad)([0-5])$/.exec(code)?.[1];
    if (digit && !event.shiftKey) return () => desk.act("judge", desk.data.verdicts[VERDICT_KEYS.indexOf(digit)]);
    const letter = code.startsWith("Key") ? code[3] : "";
    const aspect = letter ? ASPECT_KEYS.indexOf(letter) : -1;
    if (aspect >= 0 && aspect < desk.data.aspects.length) return () => desk.turn(desk.data.aspects[aspect], event.shiftKey);
    const mark = MARK_KEYS.indexOf(code);
    if (mark >= 0) return () => desk.spans.mark(desk.data.spans[mark]);
    const actions = {
      KeyJ: () => desk.spans.step(1),
      KeyK: () => desk.spans.step(-1),
      Backspace: () => desk.spans.erase(),
      Delete: () => desk.spans.erase(),
      KeyC: () => desk.openComment(),
      KeyX: () => desk.openTags(),
      KeyS: () => desk.act("skip"),
      KeyF: () => desk.act("flag"),
      KeyZ: () => desk.act("undo"),
    };
    return actions[code] ?? null;
  }

  // The legend: what each key does, by group.
  legend() {
    const { texts, data } = this.desk;
    const group = (name, rows) => [texts.say(`card.legend_${name}`), rows];
    const tools = data.mode === "label" ? ["skip", "flag", "undo"] : ["flag"];
    const letters = { skip: "S", flag: "F", undo: "Z" };
    return [
      group("verdicts", data.verdicts.map((verdict, at) => [VERDICT_KEYS[at], texts.say(`verdict.${verdict}`)])),
      group("aspects", data.aspects.map((aspect, at) => [ASPECT_KEYS[at], texts.say(`aspect.${aspect}`)])),
      group("marks", [
        ["J", texts.say("card.next_sentence")],
        ["K", texts.say("card.last_sentence")],
        ...data.spans.map((kind, at) => [MARK_KEYS[at][3], texts.say(`span.${kind}`)]),
        ["⌫", texts.say("card.erase")],
      ]),
      group("other", [
        ...tools.map((name) => [letters[name], texts.say(`verdict.${name}`)]),
        ["X", texts.say("card.tags")],
        ["C", texts.say("card.comment")],
        ["G", texts.say("card.guideline")],
        ["N", texts.say("card.next")],
        ["?", texts.say("card.keys")],
        ["Esc", texts.say("card.back")],
      ]),
    ];
  }
}
