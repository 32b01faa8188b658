"""Measure in a real Chromium: from the key to the next pair on the screen, and the first screen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LABEL = "/"  # the first screen
PAUSE_SECONDS = (0.6, 1.4)  # between two keys; a quicker one is taken for a key held down
QUESTION = '[data-part="question"]'
# In every frame: has the question changed since the last verdict? Then wait until this frame is painted.
WATCH = """
(() => {
  const find = (root) => {
    const found = root.querySelector('[data-part="question"]');
    if (found) return found;
    for (const element of root.querySelectorAll('*'))
      if (element.shadowRoot) { const inner = find(element.shadowRoot); if (inner) return inner; }
    return null;
  };
  const said = () => {
    if (!window.pcQuestion?.isConnected) window.pcQuestion = find(document);
    const shown = window.pcQuestion;
    return shown && shown.offsetParent !== null ? shown.textContent : '';
  };
  window.pcTimes = [];
  addEventListener('keydown', (event) => {
    if (/^Digit[0-5]$/.test(event.code)) window.pcPressed = { at: event.timeStamp, was: said() };
  }, true);
  const look = () => {
    const pressed = window.pcPressed;
    const now = pressed && said();
    if (pressed && now && now !== pressed.was) {
      window.pcPressed = null;
      const painted = new MessageChannel();
      painted.port1.onmessage = () => window.pcTimes.push(performance.now() - pressed.at);
      painted.port2.postMessage(0);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("no Chromium here: install the package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, address: str, cookie: str) -> Page:
    """Open a window of a new profile that is signed in."""
    from annotate.access.sessions import COOKIE

    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": address}])
    context.add_init_script(WATCH)
    return context.new_page()


def time_keys(browser: Browser, address: str, cookie: str, keys: int) -> list[float]:
    """Judge by keys alone; return the milliseconds from each key to the next pair on the screen."""
    rng = np.random.default_rng(11)
    page = open_page(browser, address, cookie)
    page.goto(address + LABEL)
    page.wait_for_selector(QUESTION, state="visible", timeout=60_000)
    for number in range(keys):
        time.sleep(rng.uniform(*PAUSE_SECONDS))
        page.keyboard.press(f"Digit{1 + int(rng.integers(5))}")
        page.wait_for_function(f"window.pcTimes.length > {number}", timeout=60_000)
    took = list(page.evaluate("window.pcTimes"))
    page.context.close()
    return [float(one) for one in took]


def time_first_screen(browser: Browser, address: str, path: str, cookie: str, ready: str) -> float:
    """Open a screen in a new profile, with nothing cached; return the seconds until it shows its content."""
    page = open_page(browser, address, cookie)
    began = time.perf_counter()
    page.goto(address + path, wait_until="commit")
    page.wait_for_selector(ready, state="visible", timeout=60_000)
    took = time.perf_counter() - began
    page.context.close()
    return took
