"""Draw a pair that is looked at, not judged: safe HTML, with the marks that assessors put on the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from annotate.api.cards import SharedPassage, share_passages
from annotate.api.rendering import direction, render_markdown, render_plain
from annotate.labelling import AnswerView, PairView
from annotate.labelling.controls.corruption.texts import Sentence
from annotate.ui.markup import escape
from annotate.ui.texts import Speech


@dataclass(frozen=True)
class Mark:
    """Hold a marked stretch of an answer: of what kind, and who marked it."""

    side: str
    start: int
    end: int
    kind: str
    by: str


def draw_still(pair: PairView, speech: Speech, marks: Sequence[Mark] = ()) -> str:
    """Return a pair in the order given: question, both answers, and the passages folded."""
    passages = share_passages(pair)
    same = all(shared.numbers.get("A") == shared.numbers.get("B") for shared in passages)
    answers = "".join(
        _answer(side, answer, passages, [mark for mark in marks if mark.side == side], speech, same=same)
        for side, answer in (("A", pair.a), ("B", pair.b))
    )
    return (
        f'<div class="pl-still"><p class="pl-eyebrow">{escape(speech("still.question"))}'
        f'<span class="pl-language">{escape(pair.language)}</span></p>'
        f'<h2 class="pl-still-question" lang="{escape(pair.language)}" dir="auto">'
        f"{render_plain(pair.question)}</h2>"
        f'<div class="pl-still-answers" lang="{escape(pair.language)}">{answers}</div>'
        f"{_passages(passages, speech, same=same)}</div>"
    )


def _answer(
    side: str,
    answer: AnswerView,
    passages: Sequence[SharedPassage],
    marks: Sequence[Mark],
    speech: Speech,
    *,
    same: bool,
) -> str:
    titles = {shared.numbers[side]: shared.passage.title for shared in passages if side in shared.numbers}

    def cite(number: int, _sentence: int) -> str:
        label = str(number) if same else f"{side}{number}"
        hint = titles.get(number) or speech("still.missing", number=number)
        missing = "" if number in titles else " pl-missing"
        return f'<span class="pl-cite{missing}" title="{escape(hint)}">{label}</span>'

    note = speech("still.words", count=len(answer.text.split()))
    if answer.refused:
        note = f"{speech('still.refused')} · {note}"
    return (
        f'<article class="pl-still-answer pl-{side.lower()}"><header><b class="pl-side">{side}</b>'
        f"<span>{escape(speech('still.answer', side=side))}</span><small>{escape(note)}</small></header>"
        f'<div class="pl-still-text" dir="{direction(answer.text)}">'
        f"{_marked(answer.text, marks, cite, speech)}</div></article>"
    )


def _marked(text: str, marks: Sequence[Mark], cite: Any, speech: Speech) -> str:
    """Return an answer as HTML; each stretch between the ends of marks knows which marks cover it."""
    inside = [mark for mark in marks if mark.start < len(text)]
    edges = sorted({edge for mark in inside for edge in (mark.start, min(mark.end, len(text)))})
    covered: dict[int, list[Mark]] = {}
    stretches: list[Sentence] = []
    for start, end in pairwise(edges):
        if own := [mark for mark in inside if mark.start <= start and end <= mark.end]:
            covered[len(stretches)] = own
            stretches.append(Sentence(start, end, text[start:end], ()))
    drawn = render_markdown(text, stretches, cite)
    for number, own in covered.items():
        hint = "; ".join(f"{speech.name('mark', mark.kind)} ({mark.by})" for mark in own)
        kind = escape(own[0].kind)
        drawn = drawn.replace(
            f' data-s="{number}"', f' class="pl-mark pl-mark-{kind}" title="{escape(hint)}"'
        )
    return drawn


def _passages(passages: Sequence[SharedPassage], speech: Speech, *, same: bool) -> str:
    if not passages:
        return f'<p class="pl-quiet">{escape(speech("still.no_passages"))}</p>'
    cards = "".join(
        f"<section><header>{_numbers(shared.numbers, same=same)}<b>{escape(shared.passage.title)}</b>"
        f"<small>{escape(shared.passage.document)}</small></header>"
        f'<div class="pl-still-text" dir="{direction(shared.passage.text)}">'
        f"{render_plain(shared.passage.text)}</div></section>"
        for shared in passages
    )
    name = escape(speech("still.passages", count=len(passages)))
    return f'<details class="pl-still-passages"><summary>{name}</summary><div>{cards}</div></details>'


def _numbers(numbers: Mapping[str, int], *, same: bool) -> str:
    labels = [next(iter(numbers.values()))] if same else [f"{side}{at}" for side, at in numbers.items()]
    return "".join(f'<span class="pl-number">{label}</span>' for label in labels)
