"""Draw what must be random and yet come out the same again: from the campaign's seed, by hashing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeVar

FAVOUR = 2 / 3  # how often the rarer order is drawn
Name = TypeVar("Name", int, str)


def draw(*what: object) -> float:
    """Return a number in [0, 1) that is settled by its arguments and looks random."""
    digest = hashlib.blake2b(":".join(map(str, what)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)


def draw_order(turned_in_task: int, turned_by_assessor: int, drawn: float) -> bool:
    """Return whether the second answer is shown first.

    Both balances count the turned displays less the straight ones. The task's comes first: its rarer
    order is taken. Where it is even, a biased coin favours the rarer order of the assessor, so that
    the next order cannot be foretold and both come out even in the long run.
    Source: Efron, "Forcing a sequential experiment to be balanced", Biometrika 1971.
    """
    if turned_in_task:
        return turned_in_task < 0
    chance = 0.5 if not turned_by_assessor else FAVOUR if turned_by_assessor < 0 else 1 - FAVOUR
    return drawn < chance


def draw_share(shares: Mapping[Name, float], drawn: float) -> Name | None:
    """Return the name whose stretch of [0, 1) holds the drawn number; None for the rest beyond the shares."""
    for name in sorted(shares):
        if drawn < shares[name]:
            return name
        drawn -= shares[name]
    return None
