// Mark stretches of the answers: by selecting text, or sentence by sentence with the keyboard alone.
// Offsets count characters of the answer as written, as the server does (not UTF-16 units).
class Spans {
  constructor(parts, texts, spanKinds, changed, say) {
    Object.assign(this, { parts, texts, spanKinds, changed, say });
    this.marks = [];
    this.cursor = null; // {side, number}
    this.card = null;
  }

  show(card, marks) {
    this.card = card;
    this.marks = [...marks];
    this.cursor = null;
    this.draw();
  }

  // Move the cursor to the next (1) or the one before (-1).
  step(by) {
    const places = ["A", "B"].flatMap((side) => {
      const numbers = [...this.parts[`answer-${side}`].querySelectorAll("span[data-s]")].map((piece) => Number(piece.dataset.s));
      return [...new Set(numbers)].sort((a, b) => a - b).map((number) => ({ side, number }));
    });
    if (!places.length) return;
    const at = places.findIndex((place) => place.side === this.cursor?.side && place.number === this.cursor?.number);
    this.cursor = places[at < 0 ? (by > 0 ? 0 : places.length - 1) : (at + by + places.length) % places.length];
    this.drawCursor();
    const pieces = this.pieces(this.cursor);
    pieces[0].scrollIntoView({ block: "nearest", behavior: motion() });
    const text = pieces.map((piece) => piece.textContent).join("");
    this.say(`${this.cursor.side}: ${text}`);
  }

  leave() {
    const had = this.cursor !== null;
    this.cursor = null;
    this.drawCursor();
    return had;
  }

  // Mark what is selected, else the sentence under the cursor; marking the same again takes the mark off.
  mark(kind) {
    const stretch = this.selected() ?? this.underCursor();
    if (!stretch) return this.say(this.texts.say("card.select_first"));
    const same = this.marks.findIndex((one) => one.kind === kind && one.side === stretch.side && one.start === stretch.start && one.end === stretch.end);
    if (same >= 0) this.marks.splice(same, 1);
    else this.marks.push({ ...stretch, kind });
    getSelection().removeAllRanges();
    this.draw();
    this.changed();
    const name = this.texts.say(`span.${kind}`);
    this.say(this.texts.say(same >= 0 ? "card.unmarked" : "card.marked", { kind: name }));
  }

  remove(at) {
    this.marks.splice(at, 1);
    this.draw();
    this.changed();
  }

  // Take off the marks that touch the cursor's sentence, else the last one.
  erase() {
    if (!this.marks.length) return;
    const here = this.underCursor();
    const touches = (mark) => here && mark.side === here.side && mark.start < here.end && mark.end > here.start;
    this.marks = this.marks.some(touches) ? this.marks.filter((mark) => !touches(mark)) : this.marks.slice(0, -1);
    this.draw();
    this.changed();
    this.say(this.texts.say("card.erased"));
  }

  underCursor() {
    if (!this.cursor) return null;
    const [start, end] = this.card[this.cursor.side.toLowerCase()].sentences[this.cursor.number];
    return { side: this.cursor.side, start, end };
  }

  selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const side = ["A", "B"].find((one) => range.intersectsNode(this.parts[`answer-${one}`]));
    if (!side) return null;
    const pieces = [...this.parts[`answer-${side}`].querySelectorAll("span[data-at]")].filter((piece) => range.intersectsNode(piece));
    const bounds = pieces.map((piece) => bound(piece, range)).filter(([from, to]) => from < to);
    return bounds.length ? { side, start: bounds[0][0], end: bounds.at(-1)[1] } : null;
  }

  pieces({ side, number }) {
    return [...this.parts[`answer-${side}`].querySelectorAll(`span[data-s="${number}"]`)];
  }

  draw() {
    for (const side of ["A", "B"]) {
      const own = this.marks.map((mark, at) => ({ mark, at })).filter(({ mark }) => mark.side === side);
      this.parts[`marks-${side}`].replaceChildren(...own.map(({ mark, at }) => this.chip(mark, at)));
    }
    if (!CSS.highlights) return; // the chips below the answer tell it, too
    for (const kind of this.spanKinds) {
      const ranges = this.marks.filter((mark) => mark.kind === kind).flatMap((mark) => this.ranges(mark));
      CSS.highlights.set(`pc-${kind.replace("_", "-")}`, new Highlight(...ranges));
    }
    this.drawCursor();
  }

  drawCursor() {
    for (const piece of this.parts.pair.querySelectorAll(".pc-cursor")) piece.classList.remove("pc-cursor");
    if (this.cursor) for (const piece of this.pieces(this.cursor)) piece.classList.add("pc-cursor");
  }

  chip(mark, at) {
    const kind = this.texts.say(`span.${mark.kind}`);
    const text = this.ranges(mark).map(String).join("");
    const label = this.texts.say("card.remove_mark", { kind, text: text.slice(0, 60) });
    const button = make("button", { type: "button", class: "pc-remove", "aria-label": label }, "×");
    button.addEventListener("click", () => this.remove(at));
    return make("li", { class: `pc-chip pc-${mark.kind.replace("_", "-")}` }, make("b", {}, kind), make("q", { dir: "auto" }, shorten(text)), button);
  }

  ranges(mark) {
    return [...this.parts[`answer-${mark.side}`].querySelectorAll("span[data-at]")].flatMap((piece) => {
      const at = Number(piece.dataset.at);
      const letters = [...piece.textContent];
      const from = Math.max(mark.start - at, 0);
      const to = Math.min(mark.end - at, letters.length);
      if (from >= to) return [];
      const range = document.createRange();
      range.setStart(piece.firstChild, letters.slice(0, from).join("").length);
      range.setEnd(piece.firstChild, letters.slice(0, to).join("").length);
      return [range];
    });
  }
}

// Where a selection begins and ends within one piece of text, in characters of the source.
function bound(piece, range) {
  const at = Number(piece.dataset.at);
  const text = piece.firstChild;
  const count = (units) => [...text.data.slice(0, units)].length;
  const from = range.startContainer === text ? count(range.startOffset) : 0;
  const to = range.endContainer === text ? count(range.endOffset) : [...text.data].length;
  return [at + from, at + to];
}

function shorten(text, length = 70) {
  return text.length > length ? `${text.slice(0, length).trimEnd()}…` : text;
}
