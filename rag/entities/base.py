"""Define what an entity is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

Kind = Literal["person", "organisation", "place", "other"]

_WORD = re.compile(r"\w+")


class Entity(NamedTuple):
    """Hold one mention of a person, an organisation, a place or another named thing.

    `name` is normalised, so that mentions of one entity are equal: the nominative in Russian, no
    titles, legal forms, quotes or articles. `start` and `end` are offsets of the mention as it
    stands in the text. A currency, a product and a technical name are of the kind `other`.
    """

    name: str
    kind: Kind
    start: int
    end: int


def same_entity(one: Entity, other: Entity) -> bool:
    """Tell whether two mentions may be of one entity.

    They are where the names are equal but for case, where a person is called by a part of the
    full name, or where one name is the initials of the other.
    """
    first, second = one.name.casefold(), other.name.casefold()
    if first == second:
        return True
    short, long = sorted((_WORD.findall(first), _WORD.findall(second)), key=len)
    if one.kind == other.kind == "person":
        return bool(short) and all(any(_abbreviates(part, word) for word in long) for part in short)
    return len(short) == 1 and len(long) > 1 and short[0] == "".join(word[0] for word in long)


def _abbreviates(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])


def without_overlaps(entities: Iterable[Entity]) -> list[Entity]:
    """Return the entities in order of the text; of those that overlap the first given stays."""
    kept: list[Entity] = []
    taken: set[int] = set()
    for entity in entities:
        span = range(entity.start, entity.end)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(entity)
    return sorted(kept, key=lambda entity: entity.start)
