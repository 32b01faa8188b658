"""Say what a corruption takes and makes; the kinds lie beside it, one a file."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.labelling.controls.corruption.texts import cited, split


@dataclass(frozen=True)
class Source:
    """Hold a text that a corruption may borrow from, with its language."""

    text: str
    language: str


@dataclass(frozen=True)
class Original:
    """Hold a good answer, and what its worse twin may be made of.

    `passages` are those of the answer, by number from 1; `elsewhere` passages of other topics;
    `answers` other answers to the same question, which bring their own passages.
    """

    text: str
    language: str
    passages: tuple[Source, ...]
    question: str = ""
    elsewhere: tuple[Source, ...] = ()
    answers: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Corruption:
    """Hold a worse twin of an answer: `removed` at `start` of the original became `inserted`.

    `borrowed` is the index of the other answer whose text and passages the twin took, if it did.
    """

    kind: str
    text: str
    start: int
    removed: str
    inserted: str
    why: str
    guideline: str
    borrowed: int | None = None


def replaced(
    original: Original, kind: str, start: int, end: int, by: str, why: str, place: str
) -> Corruption:
    """Return the twin in which a stretch of the original is replaced."""
    text = original.text[:start] + by + original.text[end:]
    return Corruption(kind, text, start, original.text[start:end], by, why, place)


def is_sound(original: Original, made: Corruption) -> bool:
    """Tell whether a twin says something, says something else, and cites only passages that exist."""
    passages = len(original.passages)
    return (
        bool(split(made.text))
        and " ".join(made.text.split()) != " ".join(original.text.split())
        and (made.borrowed is not None or all(1 <= number <= passages for number in cited(made.text)))
    )
