"""Read pairs that people have judged, as the platform shows them to a judge."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.labelling.views import AnswerView, PairView, PassageView, SentenceView
from rag.citations import cited_sentences

OUTCOMES = {0: "tie", 1: "first", 2: "second"}
_QA_PAIRS = ((1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4))


@dataclass(frozen=True)
class Item:
    """Hold a pair, whose question it is, what each person said, and what other judges said of it."""

    key: str
    question: str
    pair: PairView
    people: tuple[str, ...]
    given: dict[str, str] = field(default_factory=dict)

    @property
    def majority(self) -> str | None:
        """Return the outcome that most people named, None where no one leads."""
        return majority(self.people)


def majority(votes: tuple[str, ...]) -> str | None:
    """Return the outcome with the most votes, None where two have as many."""
    ranked = Counter(votes).most_common()
    return ranked[0][0] if len(ranked) == 1 or ranked[0][1] > ranked[1][1] else None


def read_pandalm(folder: Path) -> list[Item]:
    """Return PandaLM's test set: 999 pairs, three people each, two judges; the input is the passage."""
    gpt = {row["idx"]: row["gpt_result"] for row in _rows(folder / "gpt-3.5-turbo-testset-v1.jsonl.gz")}
    panda = {row["idx"]: row["pandalm_result"] for row in _rows(folder / "pandalm-7b-testset-v1.jsonl.gz")}
    said = {"1": "first", "2": "second", "Tie": "tie", "garbage": "no verdict"}
    items = []
    for number, row in enumerate(_rows(folder / "testset-v1.jsonl.gz")):
        passages = (PassageView(1, "", row["input"], "input"),) if row["input"] else ()
        answers = [_answer(str(row[side]), passages) for side in ("response1", "response2")]
        items.append(
            Item(
                key=f"pandalm-{number}",
                question=f"{row['instruction']}\n{row['input']}",
                pair=PairView(number, row["instruction"], "en", *answers),
                people=tuple(OUTCOMES[row[f"annotator{at}"]] for at in (1, 2, 3)),
                given={
                    "GPT-3.5 (given)": said[gpt[row["idx"]]],
                    "PandaLM-7B (given)": OUTCOMES[panda[row["idx"]]],
                },
            )
        )
    return items


def read_qa_feedback(folder: Path) -> list[Item]:
    """Return the pairs of QA-Feedback: six a question, one person's preference each."""
    items: list[Item] = []
    for number, row in enumerate(_rows(folder / "feedback.jsonl.gz")):
        passages = tuple(
            PassageView(at, part[0], " ".join(part[1:]), part[0])
            for at, part in enumerate(row["passages"], start=1)
        )
        for at, (first, second) in enumerate(_QA_PAIRS):
            answers = [_answer(row[f"prediction {side}"], passages) for side in (first, second)]
            if answers[0].text == answers[1].text:
                continue
            items.append(
                Item(
                    key=f"qa-{number}-{at}",
                    question=row["question"],
                    pair=PairView(len(items), row["question"], "en", *answers),
                    people=(OUTCOMES[row["preference"][at]],),
                )
            )
    return items


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _answer(text: str, passages: tuple[PassageView, ...]) -> AnswerView:
    sentences = tuple(SentenceView(part.text, part.numbers) for part in cited_sentences(text))
    return AnswerView(text, sentences, passages, refused=not text.strip())
