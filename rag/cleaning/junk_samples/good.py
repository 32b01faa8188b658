"""Gather texts worth keeping, in both languages: encyclopaedic, technical, with code and with tables."""

from __future__ import annotations

import gettext
import gzip
import json
import re
import sysconfig
from collections.abc import Iterator
from importlib.metadata import distributions
from itertools import islice
from pathlib import Path

from rag.cleaning.junk import SHORTEST_CHARACTERS
from rag.cleaning.junk_samples.sample import Sample, pieces
from rag.language import detect_language, sentences

INSTRUCTIONS = Path(__file__).parents[3] / "instructions"
_CATALOGUES = Path("/usr/share/locale/ru/LC_MESSAGES")
_LONG_MESSAGE = 250  # characters; a longer message of a program is a page of its help
_MESSAGES_A_PAGE = 2
_SHORTEST_PAGE = 500
_SHORT_SENTENCES = 2


def good_texts(xquad: Path) -> list[Sample]:
    """Return good texts: passages of XQuAD-R in `xquad`, the guidelines, documentation on this machine.

    The pages of help and the installed documentation differ from machine to machine.
    """
    found = [*_encyclopaedia(xquad), *_guidelines(), *_python_topics(), *_read_mes(), *_help(), *_sources()]
    return [sample for sample in found if len(sample.text) >= SHORTEST_CHARACTERS]


def _encyclopaedia(folder: Path) -> Iterator[Sample]:
    """Yield passages, whole articles and two-sentence snippets; both languages of an article go together."""
    for language in ("ru", "en"):
        with gzip.open(folder / f"{language}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for article in map(json.loads, lines):
                texts = [paragraph["context"].lstrip("\ufeff") for paragraph in article["paragraphs"]]
                source = f"xquad:{article['title']}"
                yield from (Sample(text, language, "passage", source, False) for text in texts)
                yield Sample("\n\n".join(texts), language, "article", source, False)
                for text in texts:
                    found = sentences(text)
                    for at in range(0, len(found), _SHORT_SENTENCES):
                        short = " ".join(found[at : at + _SHORT_SENTENCES])
                        yield Sample(short, language, "short passage", source, False)
                        title = " ".join(short.split()[:4])
                        headed = f"{title}\n{title}\n\n{short}"
                        yield Sample(headed, language, "short passage with titles", source, False)
                        if at % (2 * _SHORT_SENTENCES) == 0:
                            yield Sample(_noted(found[at]), language, "note", source, False)


def _noted(sentence: str) -> str:
    """Return a sentence as people write notes: without capitals and punctuation."""
    return " ".join(re.findall(r"[\w'’-]+", sentence.lower()))


def _guidelines() -> Iterator[Sample]:
    for language in ("ru", "en"):
        for path in sorted((INSTRUCTIONS / language).glob("*.md")):
            for piece in pieces(path.read_text("utf-8"), 1500):
                yield Sample(piece, language, "guideline", f"instructions:{path.stem}", False)


def _python_topics() -> Iterator[Sample]:
    from pydoc_data.topics import topics

    for name, text in sorted(topics.items()):
        for piece in pieces(text, 3000):
            yield Sample(piece, "en", "reference", f"topics:{name}", False)


def _read_mes() -> Iterator[Sample]:
    """Yield the descriptions of the installed packages: prose with code blocks, tables, lists."""
    seen: set[str] = set()
    for package in distributions():
        name = str(package.metadata["Name"]).lower()
        text = package.metadata.get_payload()  # type: ignore[attr-defined]  # an email message, untyped
        if name in seen or not isinstance(text, str):
            continue
        seen.add(name)
        for piece in islice(pieces(text, 3500), 8):
            if _readable(piece):
                yield Sample(piece, detect_language(piece), "read-me", f"package:{name}", False)


def _readable(piece: str) -> bool:
    """Tell prose with code from the rows of badges, changes and names that descriptions also have."""
    badges = len(re.findall(r"https?://|!\[|:target:|^\s*[-*] ", piece, re.MULTILINE))
    return (
        len(re.findall(r"https?://", piece)) < 8
        and badges * 100 < len(piece) > 600
        and "</" not in piece
        and len(sentences(piece)) > 3
    )


def _help() -> Iterator[Sample]:
    """Yield pages of help from the catalogues of translated programs, in Russian and in English.

    Catalogues hold a page in several messages, so that a few that follow one another make a page.
    """
    for path in sorted(_CATALOGUES.glob("*.mo")):
        with path.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        pairs = [(k, v) for k, v in catalogue.items() if isinstance(k, str) and isinstance(v, str)]
        long = [(english, russian) for english, russian in pairs if len(russian) > _LONG_MESSAGE]
        for at in range(0, len(long), _MESSAGES_A_PAGE):
            for language, side in (("ru", 1), ("en", 0)):
                text = "\n".join(pair[side] for pair in long[at : at + _MESSAGES_A_PAGE])
                if detect_language(text) == language and len(text) > _SHORTEST_PAGE and text.count("%") < 3:
                    yield Sample(text, language, "page of help", f"help:{path.stem}", False)


def _sources() -> Iterator[Sample]:
    """Yield source code with its documentation, as technical documents quote it."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[::2]:
        for piece in islice(pieces(path.read_text("utf-8", "replace"), 2500), 4):
            if '"""' in piece:
                yield Sample(piece, "en", "source code", f"source:{path.stem}", False)
