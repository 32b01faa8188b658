"""Make junk of the kinds that crawled pages are full of, out of phrases and of good texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from rag.cleaning.junk_samples.sample import Sample
from rag.language import words

Maker = Callable[[np.random.Generator, str, str], str]
_PHRASES: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("phrases.json").read_text("utf-8")
)
_SEPARATORS = ("\n", "\n", " | ", " · ", " ", " / ", "\n- ", " » ")


def made_junk(good: Sequence[Sample], rng: np.random.Generator, a_kind: int = 40) -> list[Sample]:
    """Return `a_kind` pieces of junk a kind and language, made from the good texts and on their sources.

    Junk made out of a good text bears its source, so that both fall on the same side of a split; junk made
    of phrases alone bears the number of its draw.
    """
    made: list[Sample] = []
    for language in ("ru", "en"):
        bases = [s for s in good if s.language == language and s.kind in ("passage", "page of help")]
        for kind, maker in KINDS.items():
            for at in rng.integers(0, len(bases), a_kind):
                text = maker(rng, language, bases[at].text)
                if any(map(str.isalpha, text)) and text != bases[at].text:
                    made.append(Sample(text, language, kind, bases[at].source, True))
    return made


def _joined(rng: np.random.Generator, phrases: Sequence[str], least: int, most: int) -> str:
    count = int(rng.integers(least, most))
    chosen = rng.permutation(len(phrases))[:count]
    return str(rng.choice(_SEPARATORS)).join(phrases[at] for at in chosen)


def _phrases(source: str, least: int, most: int) -> Maker:
    return lambda rng, language, _base: _joined(rng, _PHRASES[source][language], least, most)


def _cookie_banner(rng: np.random.Generator, language: str, _base: str) -> str:
    phrases = _PHRASES["cookies"][language]
    first = str(phrases[int(rng.integers(0, 2))])
    return first + "\n" + _joined(rng, phrases, 3, 8)


def _keywords(rng: np.random.Generator, language: str, base: str) -> str:
    """Return search phrases around a few content words, as pages made for search engines list them."""
    content = [word for word in words(base) if len(word) > 4] or ["товар"]
    forms = _PHRASES["adverts"][language]
    things = rng.choice(content, 3)
    made = [str(rng.choice(forms)).format(x=rng.choice(things)) for _ in range(int(rng.integers(8, 40)))]
    return str(rng.choice((", ", "\n", ". ", " "))).join(made)


def _tags(rng: np.random.Generator, _language: str, base: str) -> str:
    content = [word for word in words(base) if len(word) > 3]
    chosen = rng.choice(content or ["тег"], int(rng.integers(15, 60)))
    mark, between = [("#", " "), ("", ", "), ("", " ")][int(rng.integers(0, 3))]
    return between.join(mark + word for word in chosen)


def _shuffled(rng: np.random.Generator, _language: str, base: str) -> str:
    found = words(base)
    return " ".join(found[at] for at in rng.permutation(len(found)))


def _repeated_lines(rng: np.random.Generator, _language: str, base: str) -> str:
    lines = [part.strip() for part in base.replace(". ", ".\n").splitlines() if part.strip()]
    chosen = rng.choice(lines or [base], int(rng.integers(1, 4)))
    return str(rng.choice(("\n", " "))).join(list(chosen) * int(rng.integers(3, 12)))


def _garbled(*routes: tuple[str, str]) -> Maker:
    """Return a maker that writes a text in one encoding and reads it in another."""

    def make(rng: np.random.Generator, _language: str, base: str) -> str:
        written, read = routes[int(rng.integers(0, len(routes)))]
        return base.encode(written, "replace").decode(read, "replace")

    return make


def _russian_only(maker: Maker) -> Maker:
    """Leave English texts as they are: these encodings agree on their letters."""
    return lambda rng, language, base: maker(rng, language, base) if language == "ru" else base


def _mashed(rng: np.random.Generator, language: str, _base: str) -> str:
    keys = list(_PHRASES["home_row"][language][0])
    return " ".join(
        "".join(rng.choice(keys, int(rng.integers(3, 14)))) for _ in range(int(rng.integers(8, 60)))
    )


def _wrong_layout(_rng: np.random.Generator, language: str, base: str) -> str:
    other = "en" if language == "ru" else "ru"
    return base.lower().translate(
        str.maketrans(_PHRASES["layout"][language][0], _PHRASES["layout"][other][0])
    )


def _links(rng: np.random.Generator, language: str, base: str) -> str:
    content = [word for word in words(base) if len(word) > 3] or ["page"]
    rows = []
    for _ in range(int(rng.integers(8, 30))):
        path = "/".join(rng.choice(content, 2))
        rows.append(
            f"{rng.choice(_PHRASES['menu'][language])} https://www.site{rng.integers(99)}.com/{path}?id=1"
        )
    return "\n".join(rows)


def _markup(rng: np.random.Generator, language: str, _base: str) -> str:
    items = rng.choice(_PHRASES["menu"][language], int(rng.integers(6, 20)))
    return "\n".join(
        f'<li class="nav__item"><a href="/{at}">{item}</a></li>' for at, item in enumerate(items)
    )


def _templates(rng: np.random.Generator, language: str, _base: str) -> str:
    items = rng.choice(_PHRASES["menu"][language], int(rng.integers(6, 20)))
    return " ".join(
        f"{{{{ item.title | {item} }}}} {{% if user.{at} %}} &nbsp;" for at, item in enumerate(items)
    )


def _calendar(rng: np.random.Generator, language: str, _base: str) -> str:
    names = _PHRASES["calendar"][language]
    days = " ".join(str(day) for day in range(1, int(rng.integers(29, 32))))
    return f"{rng.choice(names[7:])} 2024\n{' '.join(names[:7])}\n{days}\n« {names[8]}   {names[10]} »"


def _pager(rng: np.random.Generator, language: str, base: str) -> str:
    trail = " > ".join(rng.choice(_PHRASES["menu"][language], 4))
    pages = " ".join(str(page) for page in range(1, int(rng.integers(6, 30))))
    titles = "\n".join(" ".join(base.split()[at : at + 4]) + "..." for at in range(0, 40, 8))
    return f"{trail}\n{titles}\n« {pages} ... 128 »"


def _spaced(rng: np.random.Generator, _language: str, base: str) -> str:
    """Return a text as bad recognition of a scan leaves it: letters apart, some of them wrong."""
    noise = list("|1lI0O~^*#_%§¬¦")
    return "".join(
        letter + (" " if rng.random() < 0.5 else "") if rng.random() > 0.15 else str(rng.choice(noise))
        for letter in base
    )


def _reactions(rng: np.random.Generator, language: str, _base: str) -> str:
    phrases = [*_PHRASES["social"][language], *_PHRASES["emoji"][language]]
    return "\n".join(str(rng.choice(phrases)) for _ in range(int(rng.integers(10, 40))))


def _filler(rng: np.random.Generator, language: str, _base: str) -> str:
    return _PHRASES["filler"][language][0] * int(rng.integers(2, 6))


def _chained(rng: np.random.Generator, _language: str, base: str) -> str:
    """Return words drawn by which word follows which in the text: fluent by pairs, senseless."""
    found = words(base)
    follow: dict[str, list[str]] = {}
    for a, b in pairwise(found):
        follow.setdefault(a, []).append(b)
    word, made = found[0], [found[0]]
    for _ in range(150):
        word = str(rng.choice(follow.get(word) or found))
        made.append(word)
    return " ".join(made)


KINDS: dict[str, Maker] = {
    "menu": _phrases("menu", 12, 45),
    "cookie banner": _cookie_banner,
    "footer": _phrases("footer", 7, 19),
    "search keywords": _keywords,
    "shuffled words": _shuffled,
    "repeated lines": _repeated_lines,
    "broken encoding": _russian_only(
        _garbled(("utf-8", "cp1251"), ("utf-8", "latin-1"), ("cp866", "cp1251"))
    ),
    "mashed keys": _mashed,
    "wrong layout": _wrong_layout,
    "list of links": _links,
    "menu with tags": _markup,
    "share buttons": _phrases("social", 8, 22),
    "login form": _phrases("login", 8, 15),
    "error page": _phrases("errors", 4, 9),
    "calendar": _calendar,
    "crumbs and pager": _pager,
    "cloud of tags": _tags,
    "template residue": _templates,
    "broken encoding, other": _russian_only(
        _garbled(("koi8-r", "cp1251"), ("cp1251", "koi8-r"), ("cp1251", "latin-1"), ("utf-8", "cp866"))
    ),
    "bad recognition": _spaced,
    "reactions": _reactions,
    "filler": _filler,
    "chained words": _chained,
}
UNSEEN = frozenset(
    {
        "login form",
        "calendar",
        "cloud of tags",
        "broken encoding, other",
        "reactions",
        "filler",
        "chained words",
    }
)
"""Kinds that are never trained on."""
