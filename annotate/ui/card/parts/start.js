// Streamlit calls this for every run of the screen; the desk is made once and lives until it is unmounted.
const desks = new WeakMap();
const LINGER_MS = 400; // a run of the screen may unmount the card and mount it again

function label(root, texts) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = texts.say(element.dataset.t);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", texts.say(element.dataset.label));
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector('[data-part="card"]');
  const known = desks.get(root);
  clearTimeout(known?.ending);
  const about = JSON.stringify([data.base, data.who, data.mode, data.language]);
  if (known?.about !== about) {
    known?.desk.close();
    label(root, new Texts(data.texts, data.language));
    desks.set(root, { about, desk: new Desk(root, data, (code) => setTriggerValue("stopped", code)) });
  }
  return () => {
    const here = desks.get(root);
    here.ending = setTimeout(() => {
      here.desk.close();
      desks.delete(root);
    }, LINGER_MS);
  };
}
