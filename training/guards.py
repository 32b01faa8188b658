"""Guards before a run: what would vanish, what the model really reads, whether the labels look swapped."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from transformers import PreTrainedTokenizerBase

from training.encoding import EncodedPair
from training.encoding_checks import check_encoding, check_template
from training.errors import LengthError, RowsError
from training.metrics import Interval, bootstrap_by_question, pair_wins

__all__ = [
    "LengthReport",
    "check_encoding",
    "check_not_swapped",
    "check_template",
    "decode_samples",
    "drop_long",
]


@dataclass(frozen=True)
class LengthReport:
    """Count the rows with a side longer than `max_length` tokens, side by side, and name the dropped ones."""

    max_length: int
    total: int
    chosen_over: int
    rejected_over: int
    dropped_ids: list[str]

    @property
    def dropped_share(self) -> float:
        """Give the share of rows dropped."""
        return len(self.dropped_ids) / self.total if self.total else 0.0

    def as_values(self) -> dict[str, Any]:
        """Give the report as plain values, for a file."""
        return {
            "max_length": self.max_length,
            "rows": self.total,
            "chosen_over": self.chosen_over,
            "rejected_over": self.rejected_over,
            "dropped": self.dropped_ids,
        }

    def refuse_above(self, max_dropped_share: float) -> None:
        """Raise LengthError where more than this share is dropped, or nothing is left."""
        if self.total and (self.dropped_share > max_dropped_share or len(self.dropped_ids) == self.total):
            raise LengthError(
                f"{len(self.dropped_ids)} of {self.total} rows are longer than max_length {self.max_length} "
                f"(chosen side {self.chosen_over}, rejected side {self.rejected_over}; such as "
                f"{', '.join(self.dropped_ids[:3])}): raise max_length or shorten the prompts"
            )


def drop_long(pairs: Sequence[EncodedPair], max_length: int) -> tuple[list[EncodedPair], LengthReport]:
    """Leave out pairs with a side above `max_length` tokens, and say which: the trainers would not."""
    chosen_over = [len(pair.chosen_text_ids) > max_length for pair in pairs]
    rejected_over = [len(pair.rejected_text_ids) > max_length for pair in pairs]
    over = [a or b for a, b in zip(chosen_over, rejected_over, strict=True)]
    report = LengthReport(
        max_length=max_length,
        total=len(pairs),
        chosen_over=sum(chosen_over),
        rejected_over=sum(rejected_over),
        dropped_ids=[pair.row.id for pair, long in zip(pairs, over, strict=True) if long],
    )
    return [pair for pair, long in zip(pairs, over, strict=True) if not long], report


def decode_samples(
    tokenizer: PreTrainedTokenizerBase, pairs: Sequence[EncodedPair], count: int = 3
) -> list[dict[str, str]]:
    """Show the first pairs as the model reads them, special tokens included."""
    return [
        {
            "id": pair.row.id,
            "prompt": str(tokenizer.decode(pair.prompt_ids)),
            "chosen": str(tokenizer.decode(pair.chosen_ids)),
            "rejected": str(tokenizer.decode(pair.rejected_ids)),
        }
        for pair in pairs[:count]
    ]


def check_not_swapped(
    chosen: ArrayLike, rejected: ArrayLike, groups: Sequence[Hashable], rng: np.random.Generator
) -> Interval:
    """Compare scores (n,) an earlier model gives to both sides, and give the chosen side's win rate.

    Raises RowsError where the win rate lies surely below one half: chosen and rejected are probably swapped.
    """
    rate = bootstrap_by_question(pair_wins(chosen, rejected), groups, rng)
    if rate.high < 0.5:
        raise RowsError(
            f"the baseline prefers the rejected side: win rate {rate}; are chosen and rejected swapped?"
        )
    return rate
