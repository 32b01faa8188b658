"""Nearness: equal and nearly equal texts are found by words, and by meaning where vectors are given."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.snapshots.nearness import find_near, level, shingles

LONG = "the council decided on monday that the old library by the river stays open until late in the evening"


def test_equal_words_are_exact_whatever_the_signs() -> None:
    (near,) = find_near({"a": "Где  стоит ёлка?"}, {"b": "где стоит елка"})
    assert (near.one, near.other, near.way, near.likeness) == ("a", "b", "exact", 1.0)


def test_a_changed_word_in_a_long_text_is_near_by_words() -> None:
    (near,) = find_near({"a": LONG + " today"}, {"x": "something else", "b": LONG + " again"})
    assert (near.other, near.way) == ("b", "words")
    assert 0.7 < near.likeness < 1


def test_other_texts_are_not_near() -> None:
    assert find_near({"a": LONG}, {"b": "a wholly different sentence about trains and their tickets"}) == []
    assert find_near({"a": LONG}, {}) == []


def test_meaning_is_asked_last_and_only_where_words_differ() -> None:
    asked: list[str] = []

    def embed(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return np.array([[1.0, 0.0] if "cost" in text or "price" in text else [0.0, 1.0] for text in texts])

    ones = {"same": LONG, "said otherwise": "What does it cost?", "other": "Who built it?"}
    found = {near.one: near for near in find_near(ones, {"t": LONG, "u": "Its price, please?"}, embed)}
    assert found["same"].way == "exact"
    assert LONG in asked  # as a test text
    assert asked.count(LONG) == 1  # not as a text still to be told
    assert (found["said otherwise"].other, found["said otherwise"].way) == ("u", "meaning")
    assert found["other"].other == "t"  # by this crude embedding


@given(st.text(max_size=60))
def test_every_text_is_near_to_itself(text: str) -> None:
    (near,) = find_near({"a": text}, {"b": text})
    assert near.way == "exact"
    assert level(level(text)) == level(text)
    assert shingles(text)


def test_the_likeness_is_the_true_overlap() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{number}" for number in range(400)]
    base = " ".join(rng.choice(words, 200))
    changed = base.split()
    for at in rng.choice(200, 6, replace=False):
        changed[at] = "changed"
    text = " ".join(changed)
    true = len(shingles(base) & shingles(text)) / len(shingles(base) | shingles(text))
    (near,) = find_near({"a": text}, {"b": base}, least_jaccard=0.6)
    assert near.likeness == pytest.approx(true, abs=1e-9)


@pytest.mark.models
@pytest.mark.slow
def test_a_paraphrase_is_near_by_meaning_and_a_neighbour_is_not(e5_folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(e5_folder), local_files_only=True)

    def embed(texts: list[str]) -> np.ndarray:
        return np.asarray(model.encode([f"query: {text}" for text in texts], normalize_embeddings=True))

    tested = {"t": "When was the Warsaw University of Technology founded?"}
    asked = {
        "reworded": "In which year was the Warsaw University of Technology founded?",
        "neighbour": "How many students does the Warsaw University of Technology have?",
        "other": "What is the capital of Kenya?",
    }
    assert [near.one for near in find_near(asked, tested, embed)] == ["reworded"]
