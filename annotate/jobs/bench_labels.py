"""Prove on labels one has what a strategy would have saved: from a file, or the workspace's preferences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active.features import ItemEffects, effect_scale, lexical_features
from active.simulation import Proof, Protocol, prove
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_answers
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.snapshots import preference_rows

COMPONENTS = 16
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class KnownPair:
    """Hold a labelled pair: its question, and which answer won."""

    question: str
    chosen: str
    rejected: str


def bench_labels(
    context: Context,
    file: Path | None,
    protocol: Protocol,
    *,
    seed: int = 0,
    reporter: Reporter | None = None,
) -> Proof:
    """Run the protocol on the pairs of a file of JSON lines, or on the workspace's preferences.

    Raises JobError for a file that cannot be read or has too few pairs, active.ActiveError for an option
    that the protocol refuses.
    """
    pairs = read_pairs(file) if file else workspace_pairs(context)
    if not pairs:
        raise JobError("no labelled pairs with a winner: label some, or name a file of them")
    rng = np.random.default_rng(seed)
    swapped = rng.random(len(pairs)) < 0.5  # the winner must not be told by its side
    first = [pair.rejected if swap else pair.chosen for pair, swap in zip(pairs, swapped, strict=True)]
    second = [pair.chosen if swap else pair.rejected for pair, swap in zip(pairs, swapped, strict=True)]
    questions = [pair.question for pair in pairs]
    features = _features(context, questions, first, second, by_question=protocol.by_question)
    with (reporter or Silent()).track("labelling again") as progress:
        return prove(features, np.where(swapped, 0.0, 1.0), np.array(questions), protocol, rng, progress)


def workspace_pairs(context: Context) -> list[KnownPair]:
    """Return the preferences that name a winner."""
    return [
        KnownPair(_text(row.prompt), _text(row.chosen), _text(row.rejected))
        for row in preference_rows(context)
    ]


def read_pairs(file: Path) -> list[KnownPair]:
    """Return the pairs of a file of JSON lines with prompt, chosen and rejected.

    The prompt is text or chat messages, as `pairloop export dpo` writes it. Raises JobError, which names the
    line.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(f"cannot read {file}: {error}") from error
    pairs = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            pairs.append(_pair(json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise JobError(
                f"{file}, line {number}: wanted prompt, chosen and rejected, as texts or messages"
            ) from error
    return pairs


def _pair(row: dict[str, Any]) -> KnownPair:
    pair = KnownPair(_text(row["prompt"]), _text(row["chosen"]), _text(row["rejected"]))
    if pair.chosen == pair.rejected:
        raise ValueError("both answers are one")
    return pair


def _text(value: Any) -> str:
    """Return a text, or what the last of some chat messages says."""
    if isinstance(value, list):
        value = value[-1]["content"]
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _features(
    context: Context,
    questions: Sequence[str],
    first: Sequence[str],
    second: Sequence[str],
    *,
    by_question: bool,
) -> Floats:
    """Return the difference of principal components and lexical numbers, and a column for each text."""
    asked = dict(zip([*first, *second], [*questions, *questions], strict=True))
    texts = list(asked)
    place = {text: at for at, text in enumerate(texts)}
    one, other = np.array([place[text] for text in first]), np.array([place[text] for text in second])
    components = _reduced(embed_answers(context, texts).astype(np.float64))
    lexical = lexical_features([asked[text] for text in texts], texts)
    spread = lexical.std(axis=0)
    columns = np.hstack([components, (lexical - lexical.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])
    plain: Floats = columns[one] - columns[other]
    if by_question:
        return plain
    effects = ItemEffects.of([*first, *second], effect_scale(plain))
    return effects.appended(plain, first, second)


def _reduced(vectors: Floats) -> Floats:
    """Return the first principal components, scaled so that their standard deviations average to one."""
    centred = vectors - vectors.mean(axis=0)
    components = centred @ np.linalg.svd(centred, full_matrices=False)[2][:COMPONENTS].T
    spread = float(components.std(axis=0).mean())
    reduced: Floats = components / (spread or 1.0)
    return reduced
