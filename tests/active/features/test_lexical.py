import numpy as np
import pytest

from active import LEXICAL_NAMES, InvalidFeaturesError, lexical_features


def test_lexical_features_count_in_both_languages() -> None:
    rows = lexical_features(
        ["Какая столица России", "capital of France"], ["Столица — Москва [1].\nС 1918 года [2]", ""]
    )
    first = dict(zip(LEXICAL_NAMES, rows[0], strict=True))
    assert np.expm1(first["log_citations"]) == pytest.approx(2)
    assert np.expm1(first["log_numbers"]) == pytest.approx(3)
    assert np.expm1(first["log_lines"]) == pytest.approx(1)
    assert np.expm1(first["log_words"]) == pytest.approx(4)
    assert first["query_overlap"] == pytest.approx(1 / 3)
    assert not rows[1].any()


def test_lexical_features_of_nothing_and_of_unequal_lists() -> None:
    assert lexical_features([], []).shape == (0, len(LEXICAL_NAMES))
    with pytest.raises(InvalidFeaturesError):
        lexical_features(["a"], [])
