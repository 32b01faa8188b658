"""Read pairs that people judged as features and labels for reward models: arguments, and RAG answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.jobs.snapshot_votes import human_ceiling
from training.lexical_features import cover_features, lexical_features

Floats = NDArray[np.float64]
Embed = Callable[[str, Sequence[str]], Floats]  # name of the texts, texts -> unit vectors (n, d)
_QA_PAIRS = ((1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4))


@dataclass(frozen=True)
class Pairs:
    """Hold decided pairs of texts.

    `one` and `other` (n,) index rows of the features (texts, d); `wins` (n,) says where `one` is the better;
    `units` (n,) names what is held out together, `questions` (n,) what is resampled together. `clean` marks
    the pairs that published figures are on; `ceilings` (n,) is how often one person agrees with the others,
    NaN where nobody knows.
    """

    lexical: Floats
    vectors: Floats
    sizes: Floats
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    wins: NDArray[np.bool_]
    units: list[str]
    questions: list[str]
    clean: NDArray[np.bool_]
    ceilings: Floats
    rows: list[dict[str, Any]]


def read_arguments(folder: Path, embed: Embed, most: int | None) -> Pairs:
    """Return the decided pairs of UKPConvArg1; both sides of a debate are held out together."""
    texts = list(_lines(folder / "arguments.jsonl.gz"))
    place = {row["id"]: at for at, row in enumerate(texts)}
    decided = [row for row in _lines(folder / "pairs.jsonl.gz") if row["gold"] in ("a1", "a2")]
    decided = decided[:: max(1, len(decided) // most)] if most else decided
    written = [row["text"] for row in texts]
    return Pairs(
        lexical=_standardised(lexical_features(written)),
        vectors=embed("arguments", [f"passage: {text}" for text in written]),
        sizes=np.array([len(text) for text in written], np.float64),
        one=np.array([place[row["a1"]] for row in decided]),
        other=np.array([place[row["a2"]] for row in decided]),
        wins=np.array([row["gold"] == "a1" for row in decided]),
        units=[row["title"] for row in decided],
        questions=[row["topic"] for row in decided],
        clean=np.array([bool(row["strict"]) for row in decided]),
        ceilings=_numbers([human_ceiling([vote["value"] for vote in row["votes"]]) for row in decided]),
        rows=[
            {"id": row["id"], "topic": f"{row['title']}: {row['topic']}",
             "chosen": written[place[row[row["gold"]]]],
             "rejected": written[place[row["a2" if row["gold"] == "a1" else "a1"]]]}
            for row in decided
        ],
    )  # fmt: skip


def read_answers(folder: Path, embed: Embed, most: int | None) -> Pairs:
    """Return the decided pairs of QA-Feedback; the six pairs of a question are held out together."""
    asked = list(_lines(folder / "feedback.jsonl.gz"))[:most]
    answers = [row[f"prediction {at}"] for row in asked for at in (1, 2, 3, 4)]
    passages = [" ".join(" ".join(part) for part in row["passages"]) for row in asked for _ in range(4)]
    questions = np.repeat(embed("questions", [f"query: {row['question']}" for row in asked]), 4, axis=0)
    vectors = embed("answers", [f"passage: {text}" for text in answers])
    found = [
        (4 * at + one - 1, 4 * at + other - 1, row["preference"][number] == 1, at)
        for at, row in enumerate(asked)
        for number, (one, other) in enumerate(_QA_PAIRS)
        if row["preference"][number] and answers[4 * at + one - 1] != answers[4 * at + other - 1]
    ]
    one, other, wins, unit = (np.array(column) for column in zip(*found, strict=True))
    lexical = np.hstack([lexical_features(answers), cover_features(answers, passages)])
    return Pairs(
        lexical=_standardised(lexical),
        vectors=np.hstack([vectors, questions * vectors, np.abs(questions - vectors)]),
        sizes=np.array([len(text) for text in answers], np.float64),
        one=one,
        other=other,
        wins=wins,
        units=[f"fold {at % 10}" for at in unit],
        questions=[str(at) for at in unit],
        clean=np.ones(len(found), bool),
        ceilings=np.full(len(found), np.nan),
        rows=[],
    )


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _standardised(features: Floats) -> Floats:
    spread = features.std(axis=0)
    return np.asarray((features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _numbers(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], np.float64)
