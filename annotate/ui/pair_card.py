"""Draw a question with its two answers and their passages as HTML; every text is escaped.

Both answers share one list of passages, each shown once with the numbers under which A and B
cite it. Where both have the same list, a passage has one number; else it is, say, A1 and B2.
"""

from __future__ import annotations

from dataclasses import dataclass

from annotate.labelling import AnswerView, PairView
from annotate.labelling.views import PassageView
from annotate.ui.markup import escape, rich, unwrap
from annotate.ui.texts import Speech


@dataclass(frozen=True)
class SharedPassage:
    """Hold one passage with its number in each answer, by side."""

    passage: PassageView
    numbers: dict[str, int]


def share_passages(pair: PairView) -> list[SharedPassage]:
    """Return the passages of both answers, each once, by their lowest number."""
    found: dict[tuple[str, str, str], SharedPassage] = {}
    for side, answer in (("A", pair.a), ("B", pair.b)):
        for passage in answer.passages:
            key = (passage.document, passage.title, passage.text)
            found.setdefault(key, SharedPassage(passage, {})).numbers.setdefault(side, passage.number)
    return sorted(
        found.values(), key=lambda shared: (min(shared.numbers.values()), "A" not in shared.numbers)
    )


def same_numbers(passages: list[SharedPassage]) -> bool:
    """Tell whether each number means the same passage in both answers."""
    return all(shared.numbers.get("A") == shared.numbers.get("B") for shared in passages)


def draw_pair(pair: PairView, speech: Speech) -> str:
    """Return the whole card."""
    passages = share_passages(pair)
    same = same_numbers(passages)
    language = escape(pair.language)
    answers = "".join(
        _answer(side, answer, passages, same, speech) for side, answer in (("A", pair.a), ("B", pair.b))
    )
    return (
        f'<div class="pl-pair"><p class="pl-eyebrow">{escape(speech("pair.question"))}'
        f'<span class="pl-language">{language}</span></p>'
        f'<h1 class="pl-question" lang="{language}">{escape(pair.question)}</h1>'
        f'<div class="pl-answers" lang="{language}">{answers}</div>{_passages(passages, same, speech)}</div>'
    )


def _answer(side: str, answer: AnswerView, passages: list[SharedPassage], same: bool, speech: Speech) -> str:
    places = {shared.numbers[side]: at for at, shared in enumerate(passages) if side in shared.numbers}

    def cite(number: int) -> str:
        label = str(number) if same else f"{side}{number}"
        if number not in places:
            hint = escape(speech("pair.missing", number=number))
            return f'<span class="pl-cite pl-missing" title="{hint}">{label}</span>'
        at = places[number]
        hint = escape(f"{passages[at].passage.title}\n\n{passages[at].passage.text}")
        return f'<span class="pl-cite pl-p{at}" title="{hint}">{label}</span>'

    note = speech("pair.words", count=len(answer.text.split()))
    if answer.refused:
        note = f"{speech('pair.refused')} · {note}"
    return (
        f'<article class="pl-answer pl-{side.lower()}"><header><b class="pl-side">{side}</b>'
        f"<span>{escape(speech('pair.answer', side=side))}</span><small>{escape(note)}</small></header>"
        f'<div class="pl-text">{rich(answer.text, cite)}</div></article>'
    )


def _passages(passages: list[SharedPassage], same: bool, speech: Speech) -> str:
    if not passages:
        return f'<p class="pl-quiet">{escape(speech("pair.no_passages"))}</p>'
    cards = "".join(
        f'<section class="pl-passage pl-p{at}"><header>{_numbers(shared, same)}'
        f"<b>{escape(shared.passage.title)}</b>{_document(shared.passage)}</header>"
        f'<div class="pl-text">{rich(unwrap(shared.passage.text))}</div></section>'
        for at, shared in enumerate(passages)
    )
    return (
        f'<p class="pl-eyebrow">{escape(speech("pair.passages"))}</p><div class="pl-passages">{cards}</div>'
    )


def _numbers(shared: SharedPassage, same: bool) -> str:
    if same:
        return f'<span class="pl-number">{shared.passage.number}</span>'
    return "".join(
        f'<span class="pl-number pl-{side.lower()}">{side}{number}</span>'
        for side, number in shared.numbers.items()
    )


def _document(passage: PassageView) -> str:
    # A title made from the document's name needs no second mention.
    return f"<small>{escape(passage.document)}</small>" if passage.document != passage.title else ""
