"""Cut pairs into slices by language and cluster that hold enough audited pairs to say anything of.

A cluster with too few of them joins the rest of its language, a language with too few the other small ones.
Only numbers of pairs decide, never who was right, so that bounds on a slice stay honest.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from active.arrays import AnyArray, IntArray
from active.errors import InvalidLabelsError

Slice: TypeAlias = tuple[str, str]
"""Language; and cluster, `rest` of the language, or `all` of it."""

Cell: TypeAlias = tuple[str, str]
"""Language and cluster."""

ALL, REST = "all", "rest"
SMALL_LANGUAGES: Slice = ("*", REST)


@dataclass(frozen=True, eq=False)
class Places:
    """Say where each pair belongs: language and cluster, as strings, (n,) each."""

    languages: AnyArray
    clusters: AnyArray

    @classmethod
    def of(cls, languages: Sequence[str], clusters: Sequence[int | None]) -> "Places":
        """Return the places of pairs; raise InvalidLabelsError for columns of two lengths."""
        if len(languages) != len(clusters):
            raise InvalidLabelsError(
                f"{len(languages)} languages, {len(clusters)} clusters: give both for each pair"
            )
        return cls(np.array(languages, dtype=str), np.array([str(one) for one in clusters], dtype=str))

    def __len__(self) -> int:
        return len(self.languages)

    @cached_property
    def cells(self) -> dict[Cell, IntArray]:
        """The rows of each language and cluster."""
        rows: dict[Cell, list[int]] = {}
        for row, cell in enumerate(zip(self.languages.tolist(), self.clusters.tolist(), strict=True)):
            rows.setdefault(cell, []).append(row)
        return {cell: np.array(found, dtype=np.int64) for cell, found in rows.items()}


@dataclass(frozen=True)
class Slices:
    """Hold which clusters and languages stand alone, and which languages are small."""

    clusters: frozenset[Cell]
    languages: frozenset[str]
    small: frozenset[str]

    @classmethod
    def by_size(cls, audited: Places, minimum: int) -> "Slices":
        """Return the slices of an audit: clusters and languages with at least so many pairs."""
        sizes = Counter({cell: len(rows) for cell, rows in audited.cells.items()})
        languages: Counter[str] = Counter()
        for (language, _), size in sizes.items():
            languages[language] += size
        whole = frozenset(name for name, count in languages.items() if count >= minimum)
        return cls(
            frozenset(cell for cell, count in sizes.items() if count >= minimum),
            whole,
            frozenset(languages) - whole,
        )

    def of(self, language: str, cluster: str) -> Slice | None:
        """Return the slice of a place; None for a language in which nothing was audited."""
        if language in self.languages:
            return language, cluster if (language, cluster) in self.clusters else REST
        return SMALL_LANGUAGES if language in self.small else None

    def members(self, name: Slice, places: Places) -> IntArray:
        """Return the rows of a slice, or of all of its language, ascending."""
        cells = places.cells.items()
        found = [rows for cell, rows in cells if name in (self.of(*cell), (cell[0], ALL))]
        return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def parts(self, places: Places) -> dict[Slice, IntArray]:
        """Return the rows of each slice, and of each whole language that has several slices."""
        named = sorted({name for cell in places.cells if (name := self.of(*cell)) is not None})
        several = [
            (language, ALL)
            for language in sorted(self.languages)
            if sum(name[0] == language for name in named) > 1
        ]
        return {name: self.members(name, places) for name in (*named, *several)}
