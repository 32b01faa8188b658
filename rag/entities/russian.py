"""Find entities in Russian: slovnet's recogniser, CLDR names, and names in Latin letters.

The weights are those that ship inside the `natasha` wheel. That package itself is not imported: it
needs pymorphy2, which does not run on Python 3.11.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from rag.chunkers.boundaries import pieces
from rag.entities.base import Entity, Kind
from rag.entities.morphology import has_one_reading, is_place, lemma, nominative, without_yo
from rag.entities.names import city_names, currency_names, place_names
from rag.entities.technical import technical_names
from rag.errors import ModelError

if TYPE_CHECKING:
    from slovnet import NER, Morph
    from slovnet.markup import SpanMarkup
    from threadpoolctl import ThreadpoolController

_PIECE_CHARACTERS = 1_500  # read by the recogniser at once
_KINDS: dict[str, Kind] = {"PER": "person", "LOC": "place", "ORG": "organisation"}
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*|[$€₽£¥₴₸₹]")
# From the marks of Universal Dependencies to those of OpenCorpora.
_CASES = {"Nom": "nomn", "Gen": "gent", "Dat": "datv", "Acc": "accs", "Ins": "ablt", "Loc": "loct"}
_GENDERS = {"Masc": "masc", "Fem": "femn", "Neut": "neut"}
_LONGEST_NAME = 4  # words of a name from the lists
_LATIN_NAME = re.compile(r"\b[A-Z][\w+#-]*(?:[ \u00a0](?:[A-Z][\w+#-]*|\d+(?:\.\d+)*\b))*")
_LOADING = threading.Lock()
_READING = threading.Lock()


def find_russian(texts: Sequence[str]) -> Iterator[Iterator[Entity]]:
    """Yield the entities of each Russian text, the surer ones first; they may overlap.

    Names are written with е for ё, since texts differ in it. Many texts at once are read faster
    than one by one. Raises ModelError where the weights are missing.
    """
    for text, recognised in zip(texts, _recognised(texts), strict=True):
        yield _found(text, recognised)


def _found(text: str, recognised: list[Entity]) -> Iterator[Entity]:
    yield from (entity for entity in technical_names(text) if " " in entity.name)
    listed = list(_listed(text))
    several_words = [entity for entity in listed if any(map(str.isspace, text[entity.start : entity.end]))]
    for entity in chain(several_words, recognised, listed):
        yield entity._replace(name=without_yo(entity.name))
    for match in _LATIN_NAME.finditer(text):
        if len(match.group()) > 1:
            yield Entity(match.group().replace("\u00a0", " "), "other", match.start(), match.end())
    yield from technical_names(text)


@lru_cache(maxsize=1)
def _models() -> tuple[NER, Morph]:
    with _LOADING:
        return _load()


def _load() -> tuple[NER, Morph]:
    spec = find_spec("natasha")
    if spec is None or spec.origin is None:
        raise ModelError("natasha: not installed; its wheel holds the weights that find Russian names")
    folder = Path(spec.origin).parent / "data"
    try:
        from navec import Navec
        from slovnet import NER, Morph

        vectors = Navec.load(str(folder / "emb" / "navec_news_v1_1B_250K_300d_100q.tar"))
        recogniser = NER.load(str(folder / "model" / "slovnet_ner_news_v1.tar")).navec(vectors)
        tagger = Morph.load(str(folder / "model" / "slovnet_morph_news_v1.tar")).navec(vectors)
    except (OSError, ImportError) as error:
        raise ModelError(
            f"{folder}: the weights that find Russian names cannot be loaded ({error})"
        ) from error
    return recogniser, tagger


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep numpy's small matrices on one core: on busy ones its threads wait for each other."""
    with _READING, _thread_pools().limit(limits=1, user_api="blas"):
        yield


@lru_cache(maxsize=1)
def _thread_pools() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _recognised(texts: Sequence[str]) -> Iterator[list[Entity]]:
    """Yield what the recogniser finds in each text."""
    spans = [list(pieces(text, 0, len(text), _PIECE_CHARACTERS, _PIECE_CHARACTERS // 2)) for text in texts]
    with _one_thread():
        read = (text[a:b] for text, some in zip(texts, spans, strict=True) for a, b in some)
        markups = iter(list(_models()[0].map(read)))
    for some in spans:
        yield [entity for start, _ in some for entity in _named(next(markups), start)]


def _named(markup: SpanMarkup, shift: int) -> Iterator[Entity]:
    """Yield the entities of one piece of a text, which starts at `shift`."""
    tags: dict[int, tuple[str, str]] | None = None
    for span in markup.spans:
        kind, mention = _KINDS[span.type], markup.text[span.start : span.stop]
        case, gender = "", ""
        if not all(has_one_reading(word) for word in _WORD.findall(mention)):
            tags = _tags(markup.text) if tags is None else tags
            case, gender = tags.get(span.start, ("", ""))
        name = nominative(mention, kind, case, gender)
        if kind != "person":
            name = _known(name)
        if any(sign.isalpha() for sign in name):
            yield Entity(name, kind, shift + span.start, shift + span.stop)


def _tags(text: str) -> dict[int, tuple[str, str]]:
    """Return the case and gender of each word of a text by where it starts, as the tagger reads them."""
    from razdel import tokenize

    tokens = list(tokenize(text))
    with _one_thread():
        [markup] = _models()[1].map([[token.text for token in tokens]])
    return {
        token.start: (
            _CASES.get(tag.feats.get("Case", ""), ""),
            _GENDERS.get(tag.feats.get("Gender", ""), ""),
        )
        for token, tag in zip(tokens, markup.tokens, strict=True)
    }


def _known(name: str) -> str:
    """Return the one name of a country that has several."""
    return place_names("ru").get(without_yo(name.lower()), name)


def _listed(text: str) -> Iterator[Entity]:
    """Yield currencies, countries and cities by their dictionary forms; cities only with a capital."""
    words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    lemmas = [_form(word) for word, _, _ in words]
    listed, at = _lists(), 0
    while at < len(words):
        for size in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
            key = tuple(lemmas[at : at + size])
            found = listed.get(key) or listed.get(tuple(part.lower() for part in key))
            if found and not (found[2] and not words[at][0][0].isupper()):
                yield Entity(found[0], found[1], words[at][1], words[at + size - 1][2])
                at += size - 1
                break
        at += 1


def _form(word: str) -> str:
    return word if word.isupper() else without_yo(lemma(word.lower()))


@lru_cache(maxsize=1)
def _lists() -> MappingProxyType[tuple[str, ...], tuple[str, Kind, bool]]:
    """Map the dictionary forms of a name's words to the name, its kind, and whether it needs a capital."""
    listed: dict[tuple[str, ...], tuple[str, Kind, bool]] = {}
    for names, kind, capital in (
        (city_names("ru"), "place", True),
        (place_names("ru"), "place", False),
        (currency_names("ru"), "other", False),
    ):
        for way, name in names.items():
            key = tuple(_form(word) for word in _WORD.findall(way))
            if kind == "place" and len(key) == 1 and not is_place(way):
                continue  # Того and Чад are found by the recogniser, or they are common words
            listed[key] = (name, kind, capital)  # type: ignore[assignment]
    listed.pop((), None)
    return MappingProxyType(listed)
