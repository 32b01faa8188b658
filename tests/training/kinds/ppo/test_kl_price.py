"""The price holds the distance: it rises when the policy is too far and falls when it is near."""

import pytest

from training.kinds.ppo.kl_price import KlPrice


def test_price_moves_against_the_error_within_bounds() -> None:
    price = KlPrice(0.1, target=2.0, horizon=100)
    price.adapt(2.2, answers=50)
    assert price.value == pytest.approx(0.1 * (1 + 0.1 * 0.5))
    price = KlPrice(0.1, target=2.0, horizon=100)
    price.adapt(50.0, answers=50)
    assert price.value == pytest.approx(0.1 * (1 + 0.2 * 0.5))
    price.adapt(0.0, answers=50)
    assert price.value == pytest.approx(0.1 * 1.1 * 0.9)


def test_price_settles_where_the_distance_is_the_target() -> None:
    price = KlPrice(1.0, target=0.5, horizon=50)
    for _ in range(400):
        price.adapt(0.1 / price.value, answers=10)  # the dearer, the nearer
    assert price.value == pytest.approx(0.2, rel=0.02)


def test_without_a_target_the_price_is_fixed() -> None:
    price = KlPrice(0.3)
    price.adapt(9.0, answers=10)
    assert price.value == 0.3
