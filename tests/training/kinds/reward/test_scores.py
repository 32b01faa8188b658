"""Scores survive the disk, refuse what is not theirs, and calibrated chances are honest."""

from pathlib import Path

import numpy as np
import pytest

from training.errors import ModelError
from training.kinds.reward.measuring import fit_scores, measure_pairs
from training.kinds.reward.scores import SCORES_FILE, Scores, load_scores
from training.rows import PreferenceRow


def rows(count: int) -> list[PreferenceRow]:
    return [
        PreferenceRow(
            id=f"r{number}",
            question_id=f"q{number}",
            prompt=[{"role": "user", "content": "?"}],
            chosen="a" * (3 + number % 7),
            rejected="b" * (2 + number % 5),
        )
        for number in range(count)
    ]


def test_scores_survive_the_disk(tmp_path: Path) -> None:
    scores = Scores("penalised", 0.5, (1.0, -2.0), 0.3, 4.0, 1.7, 0.1, 0.2)
    scores.save(tmp_path)
    assert load_scores(tmp_path) == scores
    assert load_scores(tmp_path / "plain") == Scores()


@pytest.mark.parametrize("text", ["", "{}", '{"centres": [0], "surprise": 1}', '{"centres": 3}'])
def test_damaged_scores_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / SCORES_FILE).write_text(text)
    with pytest.raises(ModelError, match="train it again"):
        load_scores(tmp_path)


def test_heads_are_compared_around_their_own_centres() -> None:
    pairs = rows(20)
    rng = np.random.default_rng(0)
    quality = rng.normal(size=(20, 2))
    heads = np.stack([quality, quality + 100], axis=-1)  # the second head only lies higher
    scores = fit_scores(Scores("worst", centres=(0.0, 0.0)), heads, pairs, "none")
    joined = scores.join(heads[:, 0], [row.chosen for row in pairs])
    np.testing.assert_allclose(joined, quality[:, 0] - quality.mean())


def test_residual_control_leaves_no_length_in_the_scores(tmp_path: Path) -> None:
    pairs = rows(40)
    lengths = np.array([[len(row.chosen), len(row.rejected)] for row in pairs])
    heads = (np.log1p(lengths) * 3)[:, :, None]
    plain = Scores(centres=(0.0,))
    fitted = fit_scores(plain, heads, pairs, "residual")
    np.testing.assert_allclose(fitted.join(heads[:, 0], [row.chosen for row in pairs]), 0, atol=1e-9)
    _, before = measure_pairs(plain, heads, pairs, np.random.default_rng(0), tmp_path)
    assert before["length_correlation"].value == pytest.approx(1)


def test_temperature_makes_chances_honest(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    true = np.abs(rng.normal(size=600)) * 1.5
    signs = np.where(rng.random(600) < 1 / (1 + np.exp(-true)), 1, -1)
    gaps = true * signs * 4  # four times too sure
    heads = np.stack([gaps, np.zeros(600)], axis=1)[:, :, None]
    scores, figures = measure_pairs(Scores(), heads, rows(600), rng, tmp_path)
    assert scores.temperature == pytest.approx(4, rel=0.3)
    assert figures["ece_scaled"].value < figures["ece"].value
    assert figures["brier_scaled"].value < figures["brier"].value
    assert scores.chances([4.0])[0] == pytest.approx(1 / (1 + np.exp(-1)), abs=0.08)
