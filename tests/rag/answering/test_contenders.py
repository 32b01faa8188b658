"""The ways of answering and their fingerprints."""

from dataclasses import replace

import pytest

from rag import Contender, ContenderError, Decoding

FINGERPRINT_OF_DEFAULTS = "09c05abf8e51966c"  # of version 0.1.0


@pytest.mark.parametrize(
    "wrong", [{"style": "poetic"}, {"mode": "magic"}, {"passages": 0}, {"diversity": 2.0}, {"neighbours": -1}]
)
def test_impossible_settings_are_refused_with_the_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ContenderError, match="contender odd"):
        Contender("odd", **wrong)  # type: ignore[arg-type]


def test_the_fingerprint_follows_the_settings_and_not_the_name() -> None:
    one = Contender("one", passages=2)
    assert one.fingerprint == replace(one, name="other").fingerprint
    assert one.fingerprint != replace(one, passages=3).fingerprint
    assert one.fingerprint != replace(one, decoding=Decoding(seed=1)).fingerprint
    assert one.fingerprint != replace(one, neighbours=1).fingerprint


def test_the_fingerprint_of_older_settings_stays() -> None:
    assert Contender("one", mode="hybrid").fingerprint == FINGERPRINT_OF_DEFAULTS


def test_a_contender_says_how_passages_are_found() -> None:
    found = Contender("one", mode="dense", passages=4, recency_half_life_days=30.0).retrieval
    assert (found.mode, found.count, found.recency_half_life_days) == ("dense", 4, 30.0)
