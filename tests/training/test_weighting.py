"""Weights scale each pair's loss, whatever the batch."""

from collections import defaultdict
from typing import Any

import pytest
import torch

from training.errors import RowsError
from training.rows import PreferenceRow
from training.weighting import MOST_NOISE, WeightedPairs, carry_weights, measured_noise


class FirstTokenTrainer:
    """The smallest pairwise trainer: a pair's loss is its chosen side's first token plus its margin."""

    def __init__(self) -> None:
        self._metrics: dict[str, Any] = {"train": defaultdict(list)}
        self.lengths: list[int] = []

    def compute_loss(self, model: None, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        self.lengths.append(inputs["input_ids"].shape[1])
        chosen, _ = inputs["input_ids"].chunk(2)
        return (chosen[:, 0].float() + inputs["margin"]).mean()


class Trainer(WeightedPairs, FirstTokenTrainer):
    pass


def batch(weights: list[float]) -> dict[str, torch.Tensor]:
    return {
        "input_ids": torch.tensor([[1, 5, 0, 0], [2, 5, 5, 0], [3, 5, 5, 0], [4, 5, 5, 0]]),
        "attention_mask": torch.tensor([[1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0]]),
        "margin": torch.tensor([0.0, 1.0]),
        "weight": torch.tensor(weights),
    }


@pytest.mark.parametrize(
    ("weights", "loss"), [([1, 1], 2.0), ([0, 2], 3.0), ([2, 0], 1.0), ([0.5, 1.5], 2.5)]
)
def test_loss_is_the_weighted_mean_and_the_report_is_not(weights: list[float], loss: float) -> None:
    trainer = Trainer()
    assert trainer.compute_loss(None, batch(weights)).item() == pytest.approx(loss)
    assert trainer._metrics["train"]["pair_loss"] == [2.0]
    assert trainer.lengths == [3, 3]  # each pair at its own length


@pytest.mark.parametrize(
    ("weights", "texts_apart", "lengths"),
    [([2, 2], False, [3]), ([2, 2], True, [3, 3]), ([1, 3], False, [3, 3])],
)
def test_a_dense_batch_of_equal_weights_goes_whole(
    weights: list[float], texts_apart: bool, lengths: list[int]
) -> None:
    trainer = Trainer()
    trainer.texts_apart = texts_apart
    dense = {name: tensor[:, :3] if tensor.dim() == 2 else tensor for name, tensor in batch(weights).items()}
    expected = (weights[0] * 1 + weights[1] * 3) / 2
    assert trainer.compute_loss(None, dense).item() == pytest.approx(expected)
    assert trainer._metrics["train"]["pair_loss"] == [2.0]
    assert trainer.lengths == lengths


def test_outputs_are_refused() -> None:
    with pytest.raises(NotImplementedError):
        Trainer().compute_loss(None, batch([1, 1]), return_outputs=True)


def test_collator_carries_weights() -> None:
    collate = carry_weights(lambda examples: {"input_ids": torch.zeros(2 * len(examples), 1)})
    assert collate([{"weight": 0.5}, {"weight": 2}])["weight"].tolist() == [0.5, 2.0]


def row(posterior: object, **lineage: Any) -> PreferenceRow:
    return PreferenceRow(
        id="r",
        question_id="q",
        prompt=[{"role": "user", "content": "?"}],
        chosen="a",
        rejected="b",
        lineage={"posterior": posterior, **lineage},
    )


def test_noise_is_the_doubt_between_the_sides() -> None:
    rows = [
        row({"first": 0.6, "second": 0.2, "tie": 0.2, "both_bad": 0.0}),
        row({"first": 0.0, "second": 0.9, "tie": 0.1, "both_bad": 0.0}),
        row({"first": 0.5, "second": 0.5}, adjudicated=True),
    ]
    assert measured_noise(rows) == pytest.approx((0.25 + 0 + 0) / 3)
    assert measured_noise([row({"first": 0.5, "second": 0.5})]) == MOST_NOISE


def test_unmeasured_noise_is_said() -> None:
    with pytest.raises(RowsError, match="label_smoothing"):
        measured_noise([row(None)])
