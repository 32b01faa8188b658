"""The loss of a causal model on texts, text by text, and how it changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from training.encoding import EncodedText
from training.log_probs import answer_log_probs
from training.metrics import Interval, bootstrap_by_question

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TextLosses:
    """Hold for each text the loss of its answer in nats and its length in tokens, shapes (n,)."""

    nats: Floats
    tokens: Floats
    questions: list[str]

    @property
    def mean(self) -> float:
        """Give the loss in nats a token, over all tokens."""
        return float(self.nats.sum() / self.tokens.sum())

    def interval(self, seed: int) -> Interval:
        """Give the loss in nats a token with its interval by question."""
        return self._over_tokens(self.nats, seed)

    def change_since(self, before: "TextLosses", seed: int) -> Interval:
        """Give the change in nats a token since `before`, on the same texts, with its interval."""
        return self._over_tokens(self.nats - before.nats, seed)

    def _over_tokens(self, nats: Floats, seed: int) -> Interval:
        # A mean over tokens: each text counts by its length.
        shares = nats / self.tokens.mean()
        return bootstrap_by_question(shares, self.questions, np.random.default_rng(seed))


def text_losses(model: nn.Module, texts: Sequence[EncodedText]) -> TextLosses:
    """Score each text's answer, one by one. Takes any model that gives logits."""
    nats = -answer_log_probs(model, [(text.prompt_ids, text.answer_ids) for text in texts])
    lengths = np.array([len(text.answer_ids) for text in texts], dtype=np.float64)
    return TextLosses(nats, lengths, [text.row.question_id for text in texts])


def compare_losses(name: str, before: TextLosses, after: TextLosses, seed: int) -> dict[str, Interval]:
    """Give `NAME_loss` after and `NAME_change` since before, in nats a token, with their intervals."""
    return {f"{name}_loss": after.interval(seed), f"{name}_change": after.change_since(before, seed)}
