"""Junk and near duplicates: listed with a reason, put back on request, back when the original goes."""

from dataclasses import replace

import pytest

from rag import Corpus, CorpusError, Document, Failure, ParagraphChunker, ingest
from rag.preparation import Preparation

TEXT = (
    "You can return goods within fourteen days of delivery. The money comes back to the card you paid"
    " with. Opened software and food are excluded. Write to the support team before you send a parcel,"
    " and put the number of your order on the outside of the box so that we can tell it from others."
)
MENU = (
    "Home | About | Login | Cart\nHome | About | Login | Cart\nAccept all cookies | Reject | Settings\n" * 6
)


@pytest.fixture(scope="module")
def how() -> Preparation:
    return Preparation.of(ParagraphChunker(), enriched=False)


def statuses(corpus: Corpus) -> dict[str, str]:
    return {document.key: document.status for document in corpus.documents()}


def test_junk_is_left_out_with_its_reason_and_comes_back(any_corpus: Corpus, how: Preparation) -> None:
    ingest([Document("a:menu", "Menu", MENU), Document("a:text", "Returns", TEXT)], any_corpus, how)
    assert statuses(any_corpus) == {"a:menu": "junk", "a:text": "indexed"}
    [menu] = any_corpus.documents("junk")
    assert menu.reason
    assert menu.chunks == 0
    assert any_corpus.size().junk == 1

    any_corpus.put_back("a:menu", how)
    assert statuses(any_corpus)["a:menu"] == "indexed"
    assert any(chunk.document_key == "a:menu" for chunk in any_corpus.chunks())
    ingest([Document("a:menu", "Menu", MENU + "More.")], any_corpus, how, whole_collection=False)
    assert statuses(any_corpus)["a:menu"] == "indexed", "what a person put back stays in"


def test_of_near_duplicates_one_is_indexed_until_it_goes(any_corpus: Corpus, how: Preparation) -> None:
    original, copy = Document("a:1", "Returns", TEXT), Document("a:2", "Copy", TEXT + " Thank you.")
    other = Document("a:3", "Other", "The library opens at nine on weekdays and is closed on Sundays.")
    report = ingest([original, copy, other], any_corpus, how)
    assert report.regrouped == ["a:2"]
    assert statuses(any_corpus) == {"a:1": "indexed", "a:2": "duplicate", "a:3": "indexed"}
    [duplicate] = any_corpus.documents("duplicate")
    assert duplicate.duplicate_of == "a:1"
    assert {chunk.document_key for chunk in any_corpus.chunks()} == {"a:1", "a:3"}

    assert ingest([original, copy, other], any_corpus, how).regrouped == []
    report = ingest([copy, other], any_corpus, how)
    assert (report.removed, report.regrouped) == (["a:1"], ["a:2"])
    assert statuses(any_corpus) == {"a:2": "indexed", "a:3": "indexed"}
    assert {chunk.document_key for chunk in any_corpus.chunks()} == {"a:2", "a:3"}


def test_a_representative_stays_when_an_earlier_key_arrives(any_corpus: Corpus, how: Preparation) -> None:
    ingest([Document("b:1", "Returns", TEXT)], any_corpus, how)
    ingest([Document("a:1", "Returns", TEXT)], any_corpus, how)
    assert statuses(any_corpus) == {"a:1": "duplicate", "b:1": "indexed"}


def test_a_duplicate_that_is_put_back_stays(any_corpus: Corpus, how: Preparation) -> None:
    documents = [Document("a:1", "Returns", TEXT), Document("a:2", "Copy", TEXT)]
    ingest(documents, any_corpus, how)
    any_corpus.put_back("a:2", how)
    ingest(documents, any_corpus, how)
    assert statuses(any_corpus) == {"a:1": "duplicate", "a:2": "indexed"}


def test_a_changed_duplicate_stands_on_its_own(any_corpus: Corpus, how: Preparation) -> None:
    documents = [Document("a:1", "Returns", TEXT), Document("a:2", "Copy", TEXT)]
    ingest(documents, any_corpus, how)
    changed = replace(documents[1], text="Trains leave for the airport every ten minutes from platform one.")
    ingest([documents[0], changed], any_corpus, how)
    assert statuses(any_corpus) == {"a:1": "indexed", "a:2": "indexed"}


def test_what_cannot_be_put_back_says_why(any_corpus: Corpus, how: Preparation) -> None:
    any_corpus.put_failure(Failure("a:bad", "bad.pdf", "unreadable PDF"))
    with pytest.raises(CorpusError, match="unreadable PDF"):
        any_corpus.put_back("a:bad", how)
    with pytest.raises(CorpusError, match="no such document"):
        any_corpus.put_back("a:none", how)
