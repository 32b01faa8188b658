// Draw a pair. Its HTML comes from the server, which lets nothing through that loads or runs.
class Pages {
  constructor(parts, texts) {
    this.parts = parts;
    this.texts = texts;
  }

  show(card) {
    const { parts, texts } = this;
    parts.language.textContent = card.question.language;
    parts.question.innerHTML = card.question.html;
    parts.question.dir = card.question.dir;
    parts.question.lang = card.question.language;
    for (const [side, answer] of [["A", card.a], ["B", card.b]]) {
      parts[`name-${side}`].textContent = texts.say("card.answer", { side });
      const words = texts.say("card.words", { count: answer.words });
      parts[`note-${side}`].textContent = answer.refused ? `${texts.say("card.declines")} · ${words}` : words;
      const body = parts[`answer-${side}`];
      body.innerHTML = answer.html;
      body.lang = card.question.language;
      body.dir = answer.dir;
      for (const number of answer.weak) {
        for (const piece of body.querySelectorAll(`span[data-s="${number}"]`)) piece.classList.add("pc-weak");
      }
    }
    parts.hint.hidden = !(card.a.weak.length || card.b.weak.length);
    const passages = card.passages.map((passage, at) => this.passage(passage, at));
    parts.passages.replaceChildren(...(passages.length ? passages : [make("p", { class: "pc-quiet" }, texts.say("card.no_passages"))]));
    this.nameCitations(card);
  }

  passage(passage, at) {
    const labels = passage.labels.map((label) =>
      make("span", { class: `pc-number ${/^[AB]/.test(label) ? `pc-${label[0].toLowerCase()}` : ""}` }, label));
    const body = make("div", { class: "pc-text", dir: passage.dir });
    body.innerHTML = passage.html;
    const title = make("h3", { id: `pc-title-${at}`, dir: "auto" }, passage.title);
    const document = passage.document ? make("small", { dir: "auto" }, passage.document) : null;
    return make(
      "section",
      { class: "pc-passage", "data-passage": at, "aria-labelledby": `pc-title-${at}` },
      make("header", {}, ...labels, title, document),
      body,
    );
  }

  nameCitations(card) {
    for (const cite of this.parts.pair.querySelectorAll("button.pc-cite")) {
      const passage = card.passages[Number(cite.dataset.passage)];
      cite.setAttribute("aria-label", this.texts.say("card.citation", { label: cite.textContent, title: passage.title }));
    }
    for (const cite of this.parts.pair.querySelectorAll(".pc-missing")) {
      const told = this.texts.say("card.missing", { number: cite.textContent });
      cite.title = told;
      cite.append(make("span", { class: "pc-unseen" }, ` (${told})`));
    }
  }
}
