"""Scores of held-out pairs: written, read back, sliced beside the ceiling of people."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.errors import ModelError
from training.evaluation.scores import ScoredPair, read_scores, write_scores
from training.evaluation.slices import accuracy_slices, length_correlation
from training.rows import PreferenceRow

Make = Callable[..., list[PreferenceRow]]


def test_scores_come_back_with_what_they_are_counted_by(tmp_path: Path, make_rows: Make) -> None:
    lineage = {"cluster": 3, "aspects": {"citations": -1}, "ceiling": 0.75}
    rows = [replace(row, lineage=lineage, language="ru") for row in make_rows(2)]
    written = write_scores(tmp_path, rows, [2.0, 0.0], [1.0, 0.5])
    assert read_scores(tmp_path) == written
    first = written[0]
    assert (first.gap, first.language, first.cluster, first.agreement) == (1.0, "ru", "3", 0.75)
    assert first.longer == len(rows[0].chosen) - len(rows[0].rejected)


def test_uneven_or_damaged_scores_are_refused(tmp_path: Path, make_rows: Make) -> None:
    assert read_scores(tmp_path) == []
    with pytest.raises(ValueError, match="2 rows and 1 scored"):
        write_scores(tmp_path, make_rows(2), [1.0], [0.0])
    (tmp_path / "scores.jsonl").write_text("{}\n")
    with pytest.raises(ModelError, match=r"scores\.jsonl:1"):
        read_scores(tmp_path)


def pair(number: int, gap: float, **values: object) -> ScoredPair:
    return ScoredPair(
        **{"id": f"p{number}", "question_id": f"q{number}", "chosen": gap, "rejected": 0.0, **values}
    )


def test_each_language_cluster_and_aspect_has_a_figure_of_its_own() -> None:
    pairs = [pair(n, 1.0, language="en", cluster="a", agreement=1.0) for n in range(8)]
    pairs += [
        pair(n, 1.0 if n % 2 else -1.0, language="ru", cluster="b", aspects={"citations": -1}, agreement=0.5)
        for n in range(8, 16)
    ]
    found = {(one.by, one.name): one for one in accuracy_slices(pairs, np.random.default_rng(0))}
    assert found["all", "all"].accuracy.value == pytest.approx(0.75)
    assert found["language", "en"].accuracy.value == 1.0
    assert found["language", "ru"].accuracy.value == 0.5
    assert found["cluster", "b"].ceiling is not None
    assert found["cluster", "b"].ceiling.value == 0.5
    assert found["aspect", "citations"].accuracy.n == 8
    assert found["aspect", "citations"].accuracy.value == 0.5


def test_an_aspect_may_speak_against_the_verdict() -> None:
    pairs = [pair(n, 1.0, aspects={"length": -1}) for n in range(6)]
    found = {one.by: one for one in accuracy_slices(pairs, np.random.default_rng(0))}
    assert (found["all"].accuracy.value, found["aspect"].accuracy.value) == (1.0, 0.0)
    assert found["all"].ceiling is None


def test_small_slices_and_single_values_make_none() -> None:
    pairs = [pair(n, 1.0, language="en") for n in range(9)] + [pair(9, 1.0, language="ru")]
    assert {one.name for one in accuracy_slices(pairs, np.random.default_rng(0))} == {"all", "en"}
    assert accuracy_slices([], np.random.default_rng(0)) == []


def test_a_liking_for_length_shows() -> None:
    rng = np.random.default_rng(1)
    likes = [
        pair(n, float(size), longer=int(size)) for n, size in enumerate(rng.integers(-90, 90, 60)) if size
    ]
    fair = [pair(n, float(rng.normal()), longer=int(rng.integers(1, 90))) for n in range(300)]
    assert length_correlation(likes) == pytest.approx(1.0)
    assert abs(length_correlation(fair)) < 0.25
    assert np.isnan(length_correlation([pair(0, 1.0)]))
