"""Lexical features: finite for any text, and each says what its name says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.lexical_features import NAMES, cover_features, lexical_features


def feature(text: str, name: str) -> float:
    return float(lexical_features([text])[0, NAMES.index(name)])


def test_features_say_what_they_are_called() -> None:
    text = "I think SO! But you saw it, because of 12 http://links."
    assert feature(text, "exclamations") > 0
    assert feature(text, "shouted_words") > 0
    assert feature(text, "links") == 1
    assert feature(text, "connectives") > 0
    assert feature("Я думаю, потому что вы правы.", "connectives") > 0
    assert feature("a a a a", "distinct_words") == 0.25
    assert feature("long " * 40, "log_words") > feature("long " * 4, "log_words")


def test_cover_counts_words_and_trigrams_of_the_passages() -> None:
    found = cover_features(["The lake is deep", "no such words", ""], ["the LAKE is deep and cold"] * 3)
    assert found.tolist() == [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]


@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_text_has_finite_features(texts: list[str]) -> None:
    found = lexical_features(texts)
    assert found.shape == (len(texts), len(NAMES))
    assert np.isfinite(found).all()
    assert np.isfinite(cover_features(texts, texts)).all()
