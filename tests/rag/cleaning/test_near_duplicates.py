from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cleaning.near_duplicates import PERMUTATIONS, group, pack, signature, signatures, unpack


def _words(seed: int, count: int = 120) -> list[str]:
    return [f"слово{n}" for n in np.random.default_rng(seed).integers(0, 10**6, count)]


def _jaccard(a: list[str], b: list[str]) -> float:
    left, right = (set(zip(w, w[1:], w[2:], strict=False)) for w in (a, b))
    return len(left & right) / len(left | right)


def test_the_estimate_is_close_to_the_exact_similarity() -> None:
    rng = np.random.default_rng(3)
    errors = []
    for seed in range(60):
        original = _words(seed)
        edited = [w if rng.random() > seed / 300 else f"иное{rng.integers(10**6)}" for w in original]
        estimate = (signature(" ".join(original)) == signature(" ".join(edited))).mean()
        errors.append(estimate - _jaccard(original, edited))
    assert abs(np.mean(errors)) < 0.02
    assert np.std(errors) < 0.06


def test_case_yo_punctuation_and_white_space_do_not_count() -> None:
    plain = signature("ещё один зеленый чай и 3 чашки")
    assert (plain == signature("Еще  один,\nзелёный ЧАЙ — и 3 чашки!")).all()
    assert (plain != signature("ещё один зеленый чай и 4 чашки")).any()


def test_a_decomposed_letter_is_the_same_letter() -> None:
    assert (signature("чай и ёлка йод") == signature("чай и ёлка йод")).all()


def test_edited_copies_are_grouped_and_others_are_not() -> None:
    first, second = _words(1), _words(2)
    edited = [*first[:60], "вставка", *first[60:]]
    signed = {
        key: signature(" ".join(text))
        for key, text in {"b": first, "a": edited, "c": second, "d": _words(4)}.items()
    }
    assert group(signed) == [["a", "b"]]


def test_a_chain_of_similar_pairs_is_one_group_in_any_order() -> None:
    base = _words(5, 200)
    chain = {f"{n}": signature(" ".join(["новое"] * 0 + base[n * 6 :])) for n in range(6)}
    backwards = dict(reversed(list(chain.items())))
    assert group(chain) == group(backwards) == [["0", "1", "2", "3", "4", "5"]]
    assert (chain["0"] == chain["5"]).mean() < 0.95


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.95, 1.0])
def test_banding_finds_what_comparing_all_pairs_finds(threshold: float) -> None:
    rng = np.random.default_rng(11)
    texts = []
    for seed in range(40):
        original = _words(seed, 80)
        texts.append(original)
        texts.append([w if rng.random() > seed / 200 else f"иное{seed}" for w in original])
    signed = {f"{at:03}": row for at, row in enumerate(signatures([" ".join(t) for t in texts]))}
    found = {tuple(keys) for keys in group(signed, threshold)}
    pairs = {(a, b) for a in signed for b in signed if a < b and (signed[a] == signed[b]).mean() >= threshold}
    assert found <= pairs
    assert len(found) >= len(pairs) - 1  # banding may miss one pair in a hundred on the threshold


def test_short_texts_are_compared_exactly() -> None:
    signed = {
        name: signature(text)
        for name, text in {
            "a": "Да.",
            "b": "да",
            "c": "нет",
            "d": "Спасибо, да",
            "e": "—",
            "f": "…",
            "g": "…",
        }.items()
    }
    assert group(signed) == [["a", "b"], ["f", "g"]]


def test_a_thousand_copies_are_one_group() -> None:
    row = signature(" ".join(_words(1)))
    [found] = group({f"{n:04}": row for n in range(1000)})
    assert len(found) == 1000


def test_a_text_of_millions_of_characters_is_signed_in_pieces() -> None:
    long = [f"слово{n}" for n in range(150_000)]
    started = time.process_time()
    first, second = signatures([" ".join(long), " ".join(["начало", *long])])
    assert len(" ".join(long)) > 1_500_000
    assert (first == second).mean() > 0.95
    assert (first != signature(" ".join(long[:75_000]))).mean() > 0.3
    assert time.process_time() - started < 20


def test_nothing_and_one_text_have_no_groups() -> None:
    assert group({}) == []
    assert group({"a": signature("один текст и только")}) == []
    assert signatures([]).shape == (0, PERMUTATIONS)


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.1])
def test_an_impossible_threshold_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        group({}, threshold)


def test_a_stored_signature_comes_back() -> None:
    row = signature("что хранится, то и возвращается")
    assert len(pack(row)) == 4 * PERMUTATIONS
    assert (unpack(pack(row)) == row).all()
    assert unpack(pack(row)).dtype == np.uint32


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=6))
def test_one_at_a_time_and_together_give_the_same(texts: list[str]) -> None:
    together = signatures(texts)
    for text, row in zip(texts, together, strict=True):
        assert (signature(text) == row).all()
