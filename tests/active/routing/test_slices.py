"""Slices hold enough audited pairs, and every audited place has one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from active.routing import ALL, REST, Places, Slices

CELLS = [("en", 1), ("en", 2), ("en", None), ("ru", 1), ("ru", 3)]


def placed(counts: dict[tuple[str, int | None], int]) -> Places:
    cells = [cell for cell, count in counts.items() for _ in range(count)]
    return Places.of([language for language, _ in cells], [cluster for _, cluster in cells])


@given(st.dictionaries(st.sampled_from(CELLS), st.integers(1, 60), min_size=1), st.integers(1, 80))
def test_slices_are_large_enough_and_cover_what_was_audited(
    counts: dict[tuple[str, int | None], int], minimum: int
) -> None:
    places = placed(counts)
    slices = Slices.by_size(places, minimum)
    parts = slices.parts(places)
    fine = {name: rows for name, rows in parts.items() if name[1] != ALL}
    assert sorted(np.concatenate(list(fine.values())).tolist()) == list(range(len(places)))
    assert all(len(rows) >= minimum for name, rows in fine.items() if name[1] != REST)
    for name, rows in parts.items():
        if name[1] == ALL:
            inside = [len(part) for other, part in fine.items() if other[0] == name[0]]
            assert len(inside) > 1
            assert len(rows) == sum(inside)
    assert slices.of("de", "1") is None


def test_a_cluster_that_was_never_audited_belongs_to_the_rest() -> None:
    slices = Slices.by_size(placed({("en", 1): 50}), 20)
    assert slices.of("en", "1") == ("en", "1")
    assert slices.of("en", "9") == ("en", REST)
    assert len(slices.members(("en", "1"), Places.of(["en", "ru"], [9, 1]))) == 0
