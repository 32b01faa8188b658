"""How well a model reads a language: fertility, loss a character, speed."""

import math
import time
from collections.abc import Sequence

import numpy as np
from transformers import PreTrainedModel

from training.encoding import EncodedText
from training.metrics import Interval, bootstrap_by_question
from training.rows import TextRow
from training.text_losses import text_losses


def measure(
    model: PreTrainedModel, rows: Sequence[TextRow], texts: Sequence[EncodedText], seed: int
) -> dict[str, Interval]:
    """Measure a model on rows and their encoded pieces, with intervals by document where they make sense.

    `fertility` is tokens a word (words are what spaces part; Rust et al. 2021, arXiv 2012.15613),
    `nats_per_character` the loss, `characters_per_second` the speed of a forward pass, a piece at a time.
    """
    started = time.perf_counter()
    losses = text_losses(model, texts)
    seconds = time.perf_counter() - started
    place = {row.id: number for number, row in enumerate(rows)}
    owners = [place[text.row.id] for text in texts]
    tokens = np.bincount(owners, [len(text.ids) for text in texts], minlength=len(rows))
    nats = np.bincount(owners, losses.nats, minlength=len(rows))
    words = np.array([len(row.text.split()) for row in rows], dtype=np.float64)
    characters = np.array([len(row.text) for row in rows], dtype=np.float64)
    groups = [row.question_id for row in rows]
    rng = np.random.default_rng(seed)
    return {
        "fertility": bootstrap_by_question(tokens / words.mean(), groups, rng),
        "nats_per_character": bootstrap_by_question(nats / characters.mean(), groups, rng),
        "characters_per_second": Interval(characters.sum() / seconds, math.nan, math.nan, len(rows)),
    }
