"""Name what is wrong with an answer; a flag never changes its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.citations import citation_numbers
from rag.entity_check import check_entities
from rag.injections import find_instructions
from rag.language import detect_language
from rag.verification import NOTHING_TO_CHECK, SentenceCheck

FlagKind = Literal[
    "uncited", "unsupported", "wrong_citation", "entity", "repetition", "truncated", "language", "injection"
]
_FEWEST_LETTERS = 20  # of a text whose language is told
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


@dataclass(frozen=True)
class Flag:
    """Hold what is wrong and the words that show it."""

    kind: FlagKind
    detail: str


def flag_sentences(checks: Sequence[SentenceCheck]) -> list[Flag]:
    """Flag sentences without a citation, without support, or with the wrong passage."""
    flags = []
    for check in checks:
        if check.reason == NOTHING_TO_CHECK:
            continue
        if not check.numbers:
            flags.append(Flag("uncited", check.text))
        elif not check.supported and (check.source or check.reason.startswith("there is no passage")):
            flags.append(Flag("wrong_citation", f"{check.text} ({check.reason})"))
        if check.source is None:
            flags.append(Flag("unsupported", f"{check.text} ({check.reason})"))
    return flags


def flag_text(
    question: str, text: str, language: str, passages: Sequence[str], *, looped: bool, unfinished: bool
) -> list[Flag]:
    """Flag another entity than the question's, another language, loops, a missing end, injections."""
    flags = [Flag("entity", found.reason) for found in check_entities(question, text, language)]
    if looped:
        flags.append(Flag("repetition", "the text began to repeat itself and was cut there"))
    if unfinished:
        flags.append(Flag("truncated", "the text ended in the middle of a sentence"))
    prose = _CODE.sub(" ", text)
    if sum(letter.isalpha() for letter in prose) >= _FEWEST_LETTERS and detect_language(prose) != language:
        flags.append(
            Flag("language", f"the question is in {language}, the answer in {detect_language(prose)}")
        )
    cited = set(citation_numbers(text))
    for number, passage in enumerate(passages, start=1):
        if orders := find_instructions(passage):
            used = ", and the answer cites it" if number in cited else ""
            flags.append(Flag("injection", f"[{number}] orders the model about{used}: {orders[0]}"))
    return flags
