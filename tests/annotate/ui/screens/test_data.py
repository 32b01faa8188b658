"""Data: documents of every state with reasons, the search, one document, the way back, the indexes."""

from __future__ import annotations

import time

import pytest

from annotate.jobs.context import Context
from annotate.jobs.corpus_report import describe_corpus
from annotate.jobs.errands import read_errand
from rag import Document, Failure

ASSERT = (
    "Assert statements are a convenient way to insert debugging assertions into a program. The simple form "
    "tests one expression and raises AssertionError when it does not hold. The current code generator emits "
    "no code for an assert statement when optimization is requested at compile time, so never use it to "
    "check what must always hold. Assignments to the built-in variable __debug__ are illegal."
)
RENT = (
    "Залог возвращается нанимателю в течение четырнадцати дней после передачи ключей. Наймодатель вправе "
    "удержать из него стоимость ремонта повреждений, кроме естественного износа, и обязан приложить расчёт. "
    "Если стороны не договорились, спор решает суд по месту нахождения жилья."
)
MENU = "Home | About | Contact | Login | Sitemap | Cookies | Next | Previous | Home"
MALICE = "<script>alert(1)</script>"


@pytest.fixture
def corpus(workspace) -> Context:
    context = Context.open(workspace.folder)
    documents = (
        ("pydoc:assert", "The assert statement", ASSERT),
        ("pydoc:copy", "Copy", ASSERT.replace("never", "not")),
        ("law:rent", f"Залог {MALICE}", RENT), ("site:menu", "Menu", MENU),
    )  # fmt: skip
    for key, title, text in documents:
        context.corpus.put(Document(key, title, text, f"https://example.org/{key}"), context.preparation)
    context.corpus.regroup(context.preparation)
    context.corpus.put_failure(Failure("site:broken.pdf", "broken.pdf", "no text in it"))
    return context


def drawn(at) -> str:
    return "\n".join(element.proto.body for element in at.get("html")[1:])


def metrics(at) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def wait_for(context: Context, kind: str) -> str:
    until = time.monotonic() + 90
    while read_errand(context, kind).state == "running" and time.monotonic() < until:
        time.sleep(0.2)
    return read_errand(context, kind).state


def test_every_state_is_counted_and_searched(corpus, show):
    at = show("data", "lead")
    at.run()
    found = metrics(at)
    assert {found[name] for name in ("Indexed",)} == {"2"}
    assert (found["Junk"], found["Duplicates"], found["Errors"]) == ("1", "1", "1")
    assert len(at.dataframe) == len(at.get("download_button")) == 1
    rows = {row["key"]: row for row in at.dataframe[0].value.to_dict("records")}
    assert rows["site:broken.pdf"]["reason"] == "no text in it"
    assert rows["pydoc:copy"]["reason"] == "nearly the same as pydoc:assert"
    at.text_input(key="data-text").set_value("ЗАЛОГ").run()
    assert at.dataframe[0].value["key"].tolist() == ["law:rent"]
    at.text_input(key="data-text").set_value("").run()
    at.selectbox(key="data-status").set_value("junk").run()
    assert at.dataframe[0].value["key"].tolist() == ["site:menu"]
    at.selectbox(key="data-language").set_value("ru").run()
    assert at.subheader[0].value == "No document fits"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_one_document_is_shown_with_its_chunks_and_text(corpus, show, language: str):
    at = show("data", "engineer")
    at.selectbox(key="language").set_value(language).run()
    at.selectbox(key="data-key").set_value("law:rent").run()
    page = drawn(at)
    assert "естественного износа" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    at.segmented_control(key="data-part").set_value("text").run()
    assert "pl-document-text" in drawn(at)


@pytest.mark.models
def test_an_engineer_puts_junk_back_a_lead_may_not(corpus, show):
    at = show("data", "lead")
    at.selectbox(key="data-key").set_value("site:menu").run()
    assert "data-put-back" not in {button.key for button in at.button}
    at = show("data", "engineer")
    at.selectbox(key="data-key").set_value("site:menu").run()
    at.button(key="data-put-back").click().run()
    assert not at.exception, at.exception
    wait_for(corpus, "put_back")
    assert describe_corpus(corpus).statuses["junk"] == 0
    assert "put back by hand" in drawn(at.run())


def test_an_assessor_sees_no_documents(corpus, show):
    at = show("data", "assessor")
    assert not at.dataframe
    assert not at.metric


def test_an_empty_corpus_names_the_command_that_fills_it(workspace, show):
    at = show("data", "lead")
    assert "pairloop ingest" in " ".join(element.value for element in at.markdown)
