"""Find who and what a text is about: persons, organisations, places, currencies, products."""

from __future__ import annotations

from collections.abc import Sequence

from rag.entities.base import Entity, same_entity, without_overlaps


def find_entities(text: str, language: str) -> list[Entity]:
    """Return the entities that a text mentions, in order and without overlaps.

    `language` is `ru` or `en`; any other is read like English. The models are loaded on the first
    call. Raises ModelError where the weights for Russian are missing.
    """
    return find_entities_in([text], language)[0]


def find_entities_in(texts: Sequence[str], language: str) -> list[list[Entity]]:
    """Return the entities of each of n texts in one language; Russian ones are read faster together."""
    told = [text for text in texts if text.strip()]
    if language == "ru":
        from rag.entities.russian import find_russian

        found = iter([without_overlaps(some) for some in find_russian(told)] if told else [])
    else:
        from rag.entities.english import find_english

        found = iter([without_overlaps(find_english(text)) for text in told])
    return [next(found) if text.strip() else [] for text in texts]


__all__ = ["Entity", "find_entities", "find_entities_in", "same_entity"]
