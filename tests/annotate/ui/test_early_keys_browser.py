"""A key that is pressed before adjudication has drawn its buttons presses its button all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotate.labelling import Submission, register, reserve, submit
from annotate.labelling.controls.reviews import open_reviews
from annotate.labelling.guidelines import current_guideline

# As soon as something stands on the page, the key goes down and up: no button is there yet.
PRESS_AT = """
addEventListener("DOMContentLoaded", () => {
  const watcher = new MutationObserver(() => {
    if (!document.querySelector("%s")) return;
    watcher.disconnect();
    window.buttonsThen = document.querySelectorAll(".st-key-decide-B_better button").length;
    const key = { key: "4", code: "Digit4", keyCode: 52, which: 52, bubbles: true, composed: true };
    for (const kind of ["keydown", "keyup"]) document.body.dispatchEvent(new KeyboardEvent(kind, key));
  });
  watcher.observe(document, { childList: true, subtree: true });
});
"""
CHOSEN = ".st-key-decide-B_better button[kind=primary]"


@pytest.fixture
def page(module_workspace, server, open_signed_in: Callable[..., Any]) -> Any:
    store = module_workspace.store
    guideline = current_guideline(store)
    for name, wanted in (("Anna", max), ("Boris", min)):  # one likes long answers, the other short ones
        person = register(store, name, "person")
        [view] = reserve(store, person.id, count=1)
        lengths = {"A_better": len(view.pair.a.text), "B_better": len(view.pair.b.text)}
        said = wanted(lengths, key=lengths.__getitem__)
        submit(store, view.id, person.id, Submission(f"{name}-1", said, guideline.id, "test"))
    assert open_reviews(store)
    return open_signed_in(server, "lead", "/account")


@pytest.mark.slow
@pytest.mark.browser
def test_a_key_before_the_buttons_is_not_lost(page) -> None:
    address = page.url.removesuffix("/account")
    page.add_init_script(PRESS_AT % ".pl-title")
    page.goto(f"{address}/adjudication")
    page.locator(CHOSEN).wait_for()
    assert page.evaluate("window.buttonsThen") == 0
    # By its place on the keyboard: what a Russian layout calls `ы` is the key S.
    page.keyboard.press("KeyS")
    page.get_by_label("Why").filter(has_text="sources").wait_for()
    # On another screen the keys are nobody's.
    page.locator(".st-key-menu a", has_text="Quality").click()
    page.locator(".pl-title", has_text="Quality").wait_for()
    page.keyboard.press("4")
    assert page.evaluate("document.querySelector('.pl-keys')") is None
