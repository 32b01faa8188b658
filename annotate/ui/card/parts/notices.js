// Tell what somebody must know: no connection, verdicts that wait, verdicts that were not taken.
class Notices {
  constructor(parts, texts, act) {
    Object.assign(this, { parts, texts, act });
    this.timer = 0;
  }

  // Say something once, on the screen for a while and to a screen reader.
  say(text, { quiet = false } = {}) {
    const said = this.parts.said;
    said.textContent = "";
    requestAnimationFrame(() => { said.textContent = text; });
    said.classList.toggle("pc-unseen", quiet);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { said.textContent = ""; }, 8000);
  }

  connection(state, waiting) {
    const line = this.parts.connection;
    const count = waiting;
    line.hidden = state === "online";
    line.dataset.state = state;
    if (state === "online") return line.replaceChildren();
    const kept = count ? this.texts.say("card.waiting", { count }) : "";
    if (state === "offline") {
      const button = make("button", { type: "button", class: "pc-tool" }, this.texts.say("card.retry"));
      button.addEventListener("click", () => this.act("retry"));
      line.replaceChildren(`${this.texts.say("card.no_connection")} ${kept} `, button);
    } else {
      const link = make("a", { href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, this.texts.say("card.sign_in"));
      line.replaceChildren(`${this.texts.say("card.signed_out")} ${kept} `, link);
    }
  }

  // Show the verdicts that were not taken, with what was written, until somebody has seen them.
  refused(entries) {
    this.parts.notices.replaceChildren(...entries.map((entry) => this.card(entry)));
  }

  card({ key, reason, verdict, comment, question }) {
    const { texts } = this;
    const why = texts.has(`why.${reason.code}`) ? texts.say(`why.${reason.code}`) : reason.text;
    const rows = [make("p", {}, make("b", {}, texts.say("card.not_taken")), ` ${why ?? ""}`), make("p", { class: "pc-quiet", dir: "auto" }, shorten(question, 120))];
    if (verdict) rows.push(make("p", {}, texts.say("card.your_verdict", { verdict: texts.say(`verdict.${verdict}`) })));
    if (comment) rows.push(make("label", {}, texts.say("card.your_comment"), make("textarea", { readonly: true, rows: 2, dir: "auto" }, comment)));
    const done = make("button", { type: "button", class: "pc-button" }, texts.say("card.seen"));
    done.addEventListener("click", () => this.act("seen", key));
    return make("div", { class: "pc-notice", role: "alert" }, ...rows, done);
  }

  // Say why there is no pair, or that another tab has them.
  empty(kind, reason, action) {
    const { parts, texts } = this;
    const title = `wait.${kind}.title`;
    parts["empty-title"].textContent = texts.say(texts.has(title) ? title : "wait.other.title");
    const text = `wait.${kind}`;
    parts["empty-text"].textContent = texts.has(text) ? texts.say(text) : reason?.text ?? "";
    if (kind === "stopped" && reason?.text) parts["empty-text"].textContent += ` (${reason.text})`;
    parts.empty.querySelector("button").textContent = texts.say(action);
  }
}
