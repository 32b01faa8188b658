import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active import BradleyTerryHead, InvalidFeaturesError, InvalidOptionError, ItemEffects, effect_scale

items = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=20)


@given(items, st.data(), st.floats(0.1, 5))
def test_swapping_the_items_flips_the_sign(first: list[str], data: st.DataObject, scale: float) -> None:
    second = data.draw(st.lists(st.sampled_from("abcdefg"), min_size=len(first), max_size=len(first)))
    effects = ItemEffects(tuple("abcd"), scale)
    rows = effects.rows(first, second)
    assert rows.shape == (len(first), 4)
    assert np.array_equal(rows, -effects.rows(second, first))
    assert set(np.abs(rows).ravel().tolist()) <= {0.0, scale}


def test_unseen_items_and_an_item_against_itself_are_zeros() -> None:
    effects = ItemEffects(("a", "b"), 2.0)
    rows = effects.rows(["a", "x", "a", "x"], ["b", "b", "a", "y"])
    assert rows.tolist() == [[2.0, -2.0], [0.0, -2.0], [0.0, 0.0], [0.0, 0.0]]


def test_the_most_frequent_items_get_the_columns() -> None:
    assert ItemEffects.of(["a", "b", "b", "c", "c"], most=2).items == ("b", "c")


def test_blocks_are_what_is_appended() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(5000, 3))
    first, second = rng.integers(0, 50, 5000).tolist(), rng.integers(0, 50, 5000).tolist()
    effects = ItemEffects.of(first)
    blocks = list(effects.blocks(features, first, second))
    assert len(blocks) == 2
    assert np.array_equal(np.vstack(blocks), effects.appended(features, first, second))


def test_a_head_learns_items_that_features_do_not_tell() -> None:
    # Twelve texts of fixed quality, features of pure noise: only the columns can tell who wins.
    rng = np.random.default_rng(1)
    quality = np.linspace(-3, 3, 12)
    first, second = rng.integers(0, 12, 400), rng.integers(0, 12, 400)
    targets = (rng.random(400) < 1 / (1 + np.exp(quality[second] - quality[first]))).astype(float)
    noise = rng.normal(size=(400, 8))
    effects = ItemEffects.of([*first, *second], effect_scale(noise, 0.5))
    rows = effects.appended(noise, first.tolist(), second.tolist())
    with_effects = BradleyTerryHead(raw_columns=len(effects)).fit(rows[:300], targets[:300])
    without = BradleyTerryHead().fit(noise[:300], targets[:300])
    assert with_effects.score(rows[300:], targets[300:]) > without.score(noise[300:], targets[300:]) + 0.15
    assert (with_effects.scale_[-12:] == 1).all()


def test_the_scale_gives_the_items_their_share_of_the_variance() -> None:
    features = np.random.default_rng(2).normal(size=(50, 6))
    mean_square = np.mean(np.sum(features**2, axis=1))
    for share in (0.1, 0.5, 0.8):
        items = 2 * effect_scale(features, share) ** 2
        assert items / (items + mean_square) == pytest.approx(share)


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidOptionError, match="scale"):
        ItemEffects(("a",), 0.0)
    with pytest.raises(InvalidOptionError, match="twice"):
        ItemEffects(("a", "a"))
    with pytest.raises(InvalidOptionError, match="share"):
        effect_scale(np.ones((2, 2)), 1.0)
    with pytest.raises(InvalidFeaturesError, match="two a pair"):
        ItemEffects(("a",)).rows(["a"], [])
    with pytest.raises(InvalidFeaturesError, match="2 rows"):
        ItemEffects(("a",)).appended(np.ones((2, 1)), ["a"], ["a"])
