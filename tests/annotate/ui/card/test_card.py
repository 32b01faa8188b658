"""The card as Python sees it: one script, texts for every code, and what it hands to the browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from streamlit.testing.v1 import AppTest

from annotate.actions import waiting
from annotate.labelling import ASPECTS, ERROR_TAGS, VERDICTS
from annotate.labelling.ledger.spans import SPAN_KINDS
from annotate.ui.card import FLAG_REASONS, HERE, PARTS, PREFIXES, SKIP_REASONS, script
from annotate.ui.texts import LANGUAGES, texts_of

SOURCES = script() + (HERE / "card.html").read_text("utf-8")


def test_every_part_is_joined():
    assert {path.stem for path in (HERE / "parts").iterdir()} == set(PARTS)
    assert script().count("export default") == 1


def test_the_script_is_well_formed(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    file = tmp_path / "card.mjs"
    file.write_text(script(), "utf-8")
    subprocess.run([node, "--check", str(file)], check=True)


def test_the_script_makes_html_only_of_what_the_server_cleaned():
    assigned = set(re.findall(r"innerHTML = ([^;]+);", SOURCES))
    assert assigned == {
        "card.question.html", "answer.html", "passage.html", "told.html", "this.pages[at].html",
    }  # fmt: skip
    assert not re.search(r"insertAdjacentHTML|outerHTML|document\.write|eval\(|new Function", SOURCES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_text_for_everything(language):
    texts = texts_of(language, *PREFIXES)
    wanted = set(re.findall(r'"((?:card|wait|why|span)\.[a-z_.]+[a-z])"', SOURCES))
    wanted |= {f"verdict.{name}" for name in (*VERDICTS, "skip", "flag", "undo")}
    wanted |= {f"aspect.{name}" for name in (*ASPECTS, "tie")}
    wanted |= {f"tag.{name}" for name in ERROR_TAGS} | {f"span.{name}" for name in SPAN_KINDS}
    wanted |= {f"skip.{name}" for name in (*SKIP_REASONS, "title")}
    wanted |= {f"flag.{name}" for name in (*FLAG_REASONS, "title")}
    assert wanted - set(texts) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_ledger_has_words(language):
    texts = texts_of(language, "wait", "why")
    codes = {code for _, code in waiting.CODES}
    told = {
        code
        for code in codes
        if f"why.{code}" in texts or {f"wait.{code}", f"wait.{code}.title"} <= set(texts)
    }
    assert codes == told


def draw() -> None:
    """Draw the card alone."""
    from annotate.ui.card import draw_card
    from annotate.ui.texts import Speech

    draw_card(Speech("ru"), "7", base="/api/v1/sittings/3", mode="exam")


def test_the_browser_gets_texts_in_one_language_and_where_to_ask():
    at = AppTest.from_function(draw, default_timeout=30).run()
    assert not at.exception
    [component] = at.get("bidi_component")
    data = json.loads(component.proto.json or component.proto.mixed.json)
    assert (data["base"], data["mode"], data["who"]) == ("/api/v1/sittings/3", "exam", "7")
    assert data["texts"]["card.question"] == "Вопрос"
    assert data["texts"]["card.waiting"] == [
        "{count} вердикт ждёт связи.", "{count} вердикта ждут связи.", "{count} вердиктов ждут связи.",
    ]  # fmt: skip
