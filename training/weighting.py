"""Weights and label noise: how far each row is to be trusted, for trainers that know nothing of it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from training.errors import RowsError
from training.rows import PreferenceRow

Batch = dict[str, torch.Tensor]
MOST_PADDING = 1.2
"""Off the GPU a step costs what its tokens cost: above this many times the pairs' own they go one by one."""
MOST_NOISE = 0.49
"""Above this share of wrong labels a pair says nothing, and the robust loss has no meaning."""


class WeightedPairs:
    """Multiply each pair's loss by its row's weight, whatever loss the trainer computes.

    A mixin to put before a TRL pairwise trainer; it wants batches from `carry_weights`. Also logs
    `pair_loss`, the mean over pairs without weights, which is what a run reports.
    """

    texts_apart = False
    """Whether texts recur only unpadded and one by one: where a `FrozenTrunk` remembers them."""
    _metrics: dict[str, dict[str, list[float]]]

    def compute_loss(
        self,
        model: Any,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,  # noqa: ARG002 - Trainer's signature
    ) -> torch.Tensor:
        """Give the weighted mean loss of a batch of pairs."""
        if return_outputs:
            raise NotImplementedError("held-out figures are computed pair by pair, not by the trainer")
        pair_loss: Callable[[Any, Batch], torch.Tensor] = super().compute_loss  # type: ignore[misc]
        weights = inputs.pop("weight")
        if bool((weights == weights[0]).all()) and not self.texts_apart and _is_dense(inputs):
            losses = pair_loss(model, inputs).expand(len(weights))
        else:
            losses = torch.stack([pair_loss(model, pair) for pair in _single_pairs(inputs, len(weights))])
        self._metrics["train"]["pair_loss"].append(losses.detach().mean().item())
        return (losses * weights).mean()


class StepFigures:
    """Log the figures a plain transformers trainer gathers in `_metrics` as TRL's trainers do: step means.

    A mixin to put before a trainer that is not TRL's.
    """

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._metrics: dict[str, dict[str, list[float]]] = {"train": defaultdict(list)}

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the step's means to the trainer's own figures."""
        gathered = self._metrics["train"]
        means = {name: sum(values) / len(values) for name, values in gathered.items() if values}
        gathered.clear()
        super().log({**logs, **means}, start_time)  # type: ignore[misc]


def carry_weights(
    collate: Callable[[list[dict[str, Any]]], Batch],
) -> Callable[[list[dict[str, Any]]], Batch]:
    """Wrap a collator so that a batch also holds the rows' `weight`, shape (pairs,)."""

    def collate_with_weights(examples: list[dict[str, Any]]) -> Batch:
        batch = dict(collate(examples))
        batch["weight"] = torch.tensor([example["weight"] for example in examples], dtype=torch.float32)
        return batch

    return collate_with_weights


def measured_noise(rows: Sequence[PreferenceRow]) -> float:
    """Give the mean chance that a row's winner is the worse side, by the posteriors in the rows' lineage.

    That is 1 - p / (p + q) with p and q the posteriors of the two sides; ties take no part, and a label that
    was adjudicated is taken for right. At most MOST_NOISE. Raises RowsError where no row carries a posterior.
    """
    chances = [chance for row in rows if row.weight and (chance := _chance_of_error(row)) is not None]
    if not chances:
        raise RowsError(
            "no row has a posterior in its lineage, so its noise is not measured: give label_smoothing"
        )
    return min(float(np.mean(chances)), MOST_NOISE)


def _chance_of_error(row: PreferenceRow) -> float | None:
    posterior = row.lineage.get("posterior")
    if not isinstance(posterior, dict) or not {"first", "second"} <= posterior.keys():
        return None
    if row.lineage.get("adjudicated"):
        return 0.0
    sides = sorted((float(posterior["first"]), float(posterior["second"])))
    return sides[0] / sum(sides) if sum(sides) > 0 else None


def _is_dense(inputs: Batch) -> bool:
    """Return whether a batch costs about what its pairs cost one by one, padding included."""
    mask = inputs["attention_mask"]
    if mask.device.type != "cpu":
        return True
    longest = mask.sum(dim=1).view(2, -1).amax(dim=0)
    return mask.numel() <= MOST_PADDING * 2 * int(longest.sum())


def _single_pairs(inputs: Batch, count: int) -> Iterator[Batch]:
    """Cut a batch [chosen..., rejected...] of padded texts into its pairs, each padded to its own length."""
    for number in range(count):
        sides = [number, number + count]
        length = int(inputs["attention_mask"][sides].sum(dim=1).max())
        yield {
            name: tensor[sides, :length] if tensor.dim() == 2 else tensor[[number]]
            for name, tensor in inputs.items()
        }
