"""Losses are means over tokens, and their change is told on the same texts."""

import numpy as np
import pytest

from training.text_losses import TextLosses, compare_losses


def test_losses_count_tokens_not_texts() -> None:
    before = TextLosses(np.array([1.0, 9.0]), np.array([1.0, 3.0]), ["a", "b"])
    after = TextLosses(np.array([2.0, 6.0]), np.array([1.0, 3.0]), ["a", "b"])
    figures = compare_losses("test", before, after, seed=0)
    assert before.mean == pytest.approx(10 / 4)
    assert figures["test_loss"].value == pytest.approx(8 / 4)
    assert figures["test_change"].value == pytest.approx(-2 / 4)
    assert figures["test_change"].low < 0 < figures["test_change"].high
