// Texts in the reader's language; a text that counts has the forms of its plural, in gettext's order.
const PLURAL_ORDER = { en: ["one", "other"], ru: ["one", "few", "many"] };

class Texts {
  constructor(texts, language) {
    this.texts = texts;
    this.language = language;
    this.rules = new Intl.PluralRules(language);
  }

  has(key) {
    return key in this.texts;
  }

  say(key, values = {}) {
    let text = this.texts[key] ?? key;
    if (Array.isArray(text)) {
      const order = PLURAL_ORDER[this.language] ?? ["other"];
      const form = order.indexOf(this.rules.select(values.count));
      text = text[form < 0 ? text.length - 1 : form];
    }
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  }

  number(value) {
    return new Intl.NumberFormat(this.language, { maximumFractionDigits: 1 }).format(value);
  }

  percent(share) {
    return new Intl.NumberFormat(this.language, { style: "percent" }).format(share);
  }
}

// Make an element; a text is only ever set as text.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function kbd(label) {
  return make("kbd", { "aria-hidden": "true" }, label);
}
