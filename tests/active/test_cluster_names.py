import numpy as np
import pytest

from active.cluster_names import class_keywords, class_tf_idf, name_clusters
from active.stop_words import ENGLISH, RUSSIAN, STOP_WORDS


def test_the_weight_is_the_formula() -> None:
    counts = np.array([[3.0, 1.0], [0.0, 4.0]])
    expected = np.array([[3 / 4 * np.log(1 + 4 / 3), 1 / 4 * np.log(1 + 4 / 5)], [0, np.log(1 + 4 / 5)]])
    assert class_tf_idf(counts) == pytest.approx(expected)


def test_keywords_set_clusters_apart_in_both_languages() -> None:
    texts = ["Как получить визу?", "виза в Китай", "How to fix the engine", "the engine is loud", "noise"]
    first, second = class_keywords(texts, np.array([0, 0, 1, 1, -1]), 3)
    assert "как" not in first
    assert set(first) <= {"получить", "визу", "виза", "китай"}
    assert second[0] == "engine"
    assert "the" not in second


def test_yo_is_ye() -> None:
    (words,) = class_keywords(["ёлка", "елка"], np.array([0, 0]), 5)
    assert words == ("елка",)


def test_texts_of_stop_words_have_no_keywords() -> None:
    assert class_keywords(["как и что", "12 34"], np.array([0, 1]), 5) == ((), ())


def test_names_differ() -> None:
    names = name_clusters(
        [("a", "b", "c", "d"), ("a", "b", "c", "e"), ("a", "b", "c", "d"), (), ("x",), ("x",)]
    )
    assert names[:3] == ("a, b, c", "a, b, c, e", "a, b, c, d")
    assert len(set(names)) == 6
    assert names[3] == "(4)"


def test_stop_words_are_clean() -> None:
    assert STOP_WORDS == RUSSIAN | ENGLISH
    assert not any("ё" in word or word != word.lower() for word in STOP_WORDS)
    assert all(word.isascii() for word in ENGLISH)
    assert not any(word.isascii() for word in RUSSIAN)
