"""Write the messages that ask for a sourced answer, in the language of the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from rag.retrieval import Passage

Style = Literal["cited", "brief"]
STYLES: tuple[Style, ...] = ("cited", "brief")

_INSTRUCTIONS: dict[str, dict[Style, str]] = {
    "en": {
        "cited": (
            "Answer the question in one to three sentences, using only the numbered passages. "
            "End every sentence with the number of its passage in brackets, like [1]."
        ),
        "brief": "Use the passages to answer the question. Cite them like [1].",
    },
    "ru": {
        "cited": (
            "Ответь на вопрос одним-тремя предложениями, опираясь только на пронумерованные отрывки. "
            "В конце каждого предложения поставь номер отрывка в скобках, например [1]."
        ),
        "brief": "Ответь на вопрос по отрывкам. Ссылайся на них так: [1].",
    },
}
_WORDS = {"en": ("Passages", "Question"), "ru": ("Отрывки", "Вопрос")}
# A small model cites once its first words do; a capable one needs no opening.
OPENINGS = {"en": "According to [1],", "ru": "Согласно [1],"}
REFUSALS = {
    "en": "The documents do not contain an answer to this question.",
    "ru": "В документах нет ответа на этот вопрос.",
}


def answer_messages(
    question: str, passages: Sequence[Passage], style: Style, language: str, *, opening: bool = False
) -> list[dict[str, str]]:
    """Return the chat messages for one question over numbered passages.

    With `opening`, the last message holds the first words of the answer.
    """
    heading, asking = _WORDS[language]
    listed = "\n\n".join(f"[{number}] {passage.text}" for number, passage in enumerate(passages, 1))
    messages = [
        {"role": "system", "content": _INSTRUCTIONS[language][style]},
        {"role": "user", "content": f"{heading}:\n{listed}\n\n{asking}: {question}"},
    ]
    return [*messages, {"role": "assistant", "content": OPENINGS[language]}] if opening else messages


def fit_passages(
    question: str,
    passages: Sequence[Passage],
    style: Style,
    language: str,
    *,
    budget_tokens: int,
    count_tokens: Callable[[str], int],
) -> list[Passage]:
    """Drop the least useful passages until the prompt fits; the question is never cut."""
    kept = list(passages)
    while kept:
        messages = answer_messages(question, kept, style, language)
        if sum(count_tokens(message["content"]) for message in messages) <= budget_tokens:
            break
        kept.pop()
    return kept
