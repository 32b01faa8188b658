"""A twin that loses nothing is no gold."""

from __future__ import annotations

import pytest

from annotate.jobs.twin_checks import is_worse
from annotate.labelling.controls.corruption import Corruption, Original, Source
from rag.verification import SentenceCheck

ORIGINAL = Original(
    "Open at 9 [1]. Closed on Sundays [1].", "en", (Source("Open at 9. Closed on Sundays.", "en"),)
)


def twin(kind: str, text: str, removed: str = "") -> Corruption:
    return Corruption(kind, text, 0, removed, "", "why", "errors#Hallucination")


def check(support: float, supported: bool = True) -> SentenceCheck:
    return SentenceCheck("said", (1,), supported, support, "")


@pytest.mark.parametrize(
    ("after", "worse"),
    [([check(0.9), check(0.5, supported=False)], True), ([check(0.9), check(0.7)], True),
     ([check(0.9), check(0.8)], False), ([], False)],
)  # fmt: skip
def test_a_change_must_lose_support(after: list[SentenceCheck], worse: bool) -> None:
    changed = twin("swapped_number", "Open at 8 [1]. Closed on Sundays [1].")
    assert is_worse(ORIGINAL, changed, [check(0.9), check(0.8)], after) is worse


def test_a_dropped_sentence_must_take_content_with_it() -> None:
    lost = twin("dropped_fact", "Open at 9 [1].", "Closed on Sundays [1].")
    repeated = twin("dropped_fact", "Open at 9, closed on Sundays [1].", "Closed on Sundays [1].")
    assert is_worse(ORIGINAL, lost, [], [])
    assert not is_worse(ORIGINAL, repeated, [], [])


def test_another_language_must_be_one() -> None:
    assert is_worse(ORIGINAL, twin("other_language", "Открыто с 9 [1]."), [], [])
    assert not is_worse(ORIGINAL, twin("other_language", "Opens at 9 [1]."), [], [])
