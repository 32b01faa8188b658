// Light up the passage that a citation names, and the sentence in it that supports best.
class Evidence {
  constructor(parts, say, signal) {
    this.parts = parts;
    this.say = say; // tells a screen reader
    this.lit = [];
    const on = (event, handle) => parts.pair.addEventListener(event, handle, { signal });
    on("mouseover", (event) => this.point(event.target.closest?.("button.pc-cite")));
    on("focusin", (event) => this.point(event.target.closest?.("button.pc-cite")));
    on("mouseout", (event) => event.target.closest?.("button.pc-cite") && this.point(this.focused()));
    on("focusout", () => this.clear());
    on("click", (event) => this.go(event.target.closest?.("button.pc-cite")));
  }

  focused() {
    return document.activeElement?.closest?.("button.pc-cite");
  }

  clear() {
    for (const element of this.lit) element.classList.remove("pc-lit", "pc-best");
    this.lit = [];
  }

  point(cite) {
    this.clear();
    if (!cite) return;
    const passage = this.passage(cite);
    this.light(passage, "pc-lit");
    for (const piece of this.support(cite)) this.light(piece, "pc-best");
    const own = cite.dataset.s;
    const side = cite.closest("[data-side]");
    if (own !== undefined) for (const piece of side.querySelectorAll(`span[data-s="${own}"]`)) this.light(piece, "pc-lit");
  }

  light(element, name) {
    element.classList.add(name);
    this.lit.push(element);
  }

  passage(cite) {
    return this.parts.passages.querySelector(`[data-passage="${cite.dataset.passage}"]`);
  }

  support(cite) {
    const number = Number(cite.dataset.support);
    return number < 0 ? [] : [...this.passage(cite).querySelectorAll(`span[data-s="${number}"]`)];
  }

  // Go to the passage and read out what supports; the focus stays on the citation.
  go(cite) {
    if (!cite) return;
    const pieces = this.support(cite);
    (pieces[0] ?? this.passage(cite)).scrollIntoView({ block: "center", behavior: motion() });
    this.say(pieces.map((piece) => piece.textContent).join(" ") || this.passage(cite).textContent);
  }
}

function motion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
