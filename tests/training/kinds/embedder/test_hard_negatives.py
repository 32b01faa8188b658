"""Hard negatives are near and not relevant; clicks tell what was passed over."""

import numpy as np
import pytest

from training.kinds.embedder.hard_negatives import mine_hard_negatives, negatives_from_clicks


def at(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_nearest_that_are_not_relevant_come_first() -> None:
    texts = at(0, 30, 40, 90, 170)
    assert mine_hard_negatives(at(0), texts, [{0}], count=2) == [[1, 2]]
    assert mine_hard_negatives(at(0), texts, [{0, 1}], count=2) == [[2, 3]]
    assert mine_hard_negatives(at(0), texts, [{0}], count=9, depth=3) == [[1, 2]]


def test_texts_too_alike_are_taken_for_unlabelled_positives() -> None:
    texts = at(20, 21, 60)  # the second is as near as the relevant one
    assert mine_hard_negatives(at(0), texts, [{0}], ceiling=0.95) == [[2]]
    assert mine_hard_negatives(at(0), texts, [{0}], ceiling=1.0) == [[1, 2]]


def test_only_allowed_texts_are_used() -> None:
    allowed = np.array([[True, False, True]])
    assert mine_hard_negatives(at(0), at(0, 30, 60), [{0}], allowed=allowed) == [[2]]


def test_many_queries_are_compared_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    queries, texts = rng.normal(size=(23, 8)), rng.normal(size=(40, 8))
    relevant = [{number} for number in range(23)]
    whole = mine_hard_negatives(queries, texts, relevant)
    monkeypatch.setattr("training.kinds.embedder.hard_negatives.BLOCK", 5)
    assert mine_hard_negatives(queries, texts, relevant) == whole
    assert all(not set(found) & own for found, own in zip(whole, relevant, strict=True))


def test_wrong_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="need as many"):
        mine_hard_negatives(at(0, 1), at(0), [{0}])


def test_what_was_shown_above_a_click_was_passed_over() -> None:
    shown = [[5, 6, 7, 8], [1, 2], [3, 4, 9]]
    clicked = [{7}, set(), {3, 9}]
    assert negatives_from_clicks(shown, clicked) == [[5, 6], [], [4]]
