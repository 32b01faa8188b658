"""Weights for TRL's pairwise trainers, which know none."""

from collections.abc import Callable, Iterator
from typing import Any

import torch

Batch = dict[str, torch.Tensor]


class WeightedPairs:
    """Multiply each pair's loss by its row's weight, whatever loss the trainer computes.

    A mixin to put before a TRL pairwise trainer; it wants batches from `carry_weights`. Also logs
    `pair_loss`, the mean over pairs without weights, which is what a run reports.
    """

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
        # Without a GPU a batch is no faster than its pairs one by one, and cutting each to its own length is
        # cheaper.
        if weights.device.type == "cpu" or bool((weights != weights[0]).any()):
            losses = torch.stack([pair_loss(model, pair) for pair in _single_pairs(inputs, len(weights))])
        else:
            losses = pair_loss(model, inputs).expand(len(weights))
        self._metrics["train"]["pair_loss"].append(losses.detach().mean().item())
        return (losses * weights).mean()


def carry_weights(
    collate: Callable[[list[dict[str, Any]]], Batch],
) -> Callable[[list[dict[str, Any]]], Batch]:
    """Wrap a collator so that a batch also holds the rows' `weight`, shape (pairs,)."""

    def collate_with_weights(examples: list[dict[str, Any]]) -> Batch:
        batch = dict(collate(examples))
        batch["weight"] = torch.tensor([example["weight"] for example in examples], dtype=torch.float32)
        return batch

    return collate_with_weights


def _single_pairs(inputs: Batch, count: int) -> Iterator[Batch]:
    """Cut a batch [chosen..., rejected...] of padded texts into its pairs, each padded to its own length."""
    for number in range(count):
        sides = [number, number + count]
        length = int(inputs["attention_mask"][sides].sum(dim=1).max())
        yield {
            name: tensor[sides, :length] if tensor.dim() == 2 else tensor[[number]]
            for name, tensor in inputs.items()
        }
