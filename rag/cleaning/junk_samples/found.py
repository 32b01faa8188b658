"""Gather real junk that lies on every machine: hashes, logs, minified scripts, tables of codes."""

from __future__ import annotations

import base64
import gettext
import keyword
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from itertools import islice
from pathlib import Path

import numpy as np

from rag.cleaning.junk_samples.sample import Sample, pieces
from rag.language import detect_language

UNSEEN = frozenset({"hex dump", "import times", "disassembly", "names of time zones", "list of licences"})
"""Kinds that are never trained on: what the classifier makes of them tells what it makes of new junk."""
_A_KIND = 120


def found_junk(rng: np.random.Generator) -> list[Sample]:
    """Return pieces of junk by kind, at most 120 a kind; what a machine lacks is left out."""
    found: list[Sample] = []
    for kind, read in _KINDS.items():
        texts = [(source, piece) for source, text in read() for piece in islice(pieces(text, 1500), 8)]
        for at in rng.permutation(len(texts))[:_A_KIND]:
            source, text = texts[at]
            found.append(Sample(text, detect_language(text), kind, f"{kind}:{source}", True))
    return found


def _stdlib() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _installed() -> Path:
    return Path(sysconfig.get_path("purelib"))


def _hashes_of_files() -> Iterator[tuple[str, str]]:
    for package in distributions():
        yield str(package.metadata["Name"]), package.read_text("RECORD") or ""


def _licences() -> Iterator[tuple[str, str]]:
    rows = sorted(
        f"{p.metadata['Name']} {p.version} {p.metadata['License-Expression'] or 'see LICENSE'}"
        for p in distributions()
    )
    yield "all", "\n".join(rows)


def _pictures() -> Iterator[tuple[str, str]]:
    for path in (*_stdlib().rglob("*.png"), *islice(_installed().rglob("*.png"), 40)):
        yield path.name, base64.encodebytes(path.read_bytes()[:6000]).decode("ascii")


def _binaries(encoding: str) -> Callable[[], Iterator[tuple[str, str]]]:
    def read() -> Iterator[tuple[str, str]]:
        for path in islice(_stdlib().rglob("*.pyc"), 60):
            yield path.name, path.read_bytes()[16:3000].decode(encoding, "replace")

    return read


def _hex_dumps() -> Iterator[tuple[str, str]]:
    for path in islice(_stdlib().rglob("*.png"), 30):
        content = path.read_bytes()[:1000]
        yield path.name, "\n".join(content[at : at + 16].hex(" ") for at in range(0, len(content), 16))


def _certificates() -> Iterator[tuple[str, str]]:
    import certifi

    text = re.sub(r"^#.*\n", "", Path(certifi.where()).read_text("utf-8"), flags=re.MULTILINE)
    for at, certificate in enumerate(text.split("-----BEGIN")[1:]):
        yield str(at), certificate


def _minified() -> Iterator[tuple[str, str]]:
    """Yield slices of scripts and style sheets whose lines are hundreds of characters long."""
    for path in (*_installed().rglob("*.js"), *_installed().rglob("*.css")):
        text = path.read_text("utf-8", "replace")[:60_000]
        if len(text) > 500 * (text.count("\n") + 1):
            for at in range(0, len(text) - 1500, 6000):
                yield path.name, text[at : at + 1500]


def _navigation() -> Iterator[tuple[str, str]]:
    """Yield what is left of the contents and index of a page of documentation without its tags."""
    page = (_stdlib() / "idlelib" / "help.html").read_text("utf-8")
    links = re.findall(r"<a [^>]*>(.*?)</a>", page, re.DOTALL)
    plain = [re.sub(r"<[^>]+>", "", link).strip() for link in links]
    yield "contents", "\n".join(plain)
    yield "bar", " | ".join(plain)
    yield "tags", "\n".join(re.findall(r"<[^>]+>", page))


def _raw_pages() -> Iterator[tuple[str, str]]:
    """Yield pages with their tags, as a parser leaves them that takes them for plain text."""
    for path in islice(_installed().rglob("*.html"), 80):
        yield path.name, path.read_text("utf-8", "replace")[:20_000]


def _symbols() -> Iterator[tuple[str, str]]:
    """Yield alphabetical lists of names, as the indexes of documentation have them."""
    import ast
    import json
    import logging
    import os
    import subprocess
    import typing

    for module in (ast, json, logging, os, re, subprocess, sys, typing, np, keyword):
        yield module.__name__, "\n".join(f"{name} ({module.__name__})" for name in dir(module))
        yield module.__name__, ", ".join(dir(module))


def _code_tables() -> Iterator[tuple[str, str]]:
    for path in (_stdlib() / "encodings").glob("*.py"):
        _, _, table = path.read_text("utf-8").partition("decoding_table = (")
        yield path.stem, table
    for path in _installed().glob("natasha/data/dict/*.txt"):
        yield path.stem, "\n".join(path.read_text("utf-8").splitlines()[:1500])


def _labels() -> Iterator[tuple[str, str]]:
    """Yield the labels of menus and buttons of translated programs, one a line and in a row."""
    for path in sorted(Path("/usr/share/locale/ru/LC_MESSAGES").glob("*.mo")):
        with path.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        pairs = [(k, v) for k, v in catalogue.items() if isinstance(k, str) and isinstance(v, str)]
        for side in (0, 1):
            short = [pair[side].replace("_", "") for pair in pairs if 2 < len(pair[side]) < 25]
            for at in range(0, len(short) - 60, 120):
                yield path.stem, "\n".join(short[at : at + 60])
                yield path.stem, " ".join(short[at + 60 : at + 120])


def _imports(*options: str) -> Callable[[], Iterator[tuple[str, str]]]:
    """Return a reader of what the interpreter logs while it imports."""

    def read() -> Iterator[tuple[str, str]]:
        command = [sys.executable, *options, "-c", "import email.message, json, logging, sqlite3, unittest"]
        yield "log", subprocess.run(command, capture_output=True, text=True, check=False).stderr[:40_000]  # noqa: S603

    return read


def _disassembly() -> Iterator[tuple[str, str]]:
    import dis
    import textwrap

    for function in (textwrap.dedent, dis.dis, dis.get_instructions, subprocess.run, subprocess.call):
        yield function.__name__, dis.Bytecode(function).dis()


def _zones() -> Iterator[tuple[str, str]]:
    from zoneinfo import available_timezones

    yield "zones", "\n".join(sorted(available_timezones()))


_KINDS: dict[str, Callable[[], Iterator[tuple[str, str]]]] = {
    "hashes of files": _hashes_of_files,
    "list of licences": _licences,
    "picture in base64": _pictures,
    "binary read as cp1251": _binaries("cp1251"),
    "binary read as latin-1": _binaries("latin-1"),
    "binary read as utf-8": _binaries("utf-8"),
    "hex dump": _hex_dumps,
    "certificate": _certificates,
    "minified script": _minified,
    "navigation": _navigation,
    "raw page": _raw_pages,
    "list of symbols": _symbols,
    "table of codes or names": _code_tables,
    "labels of a menu": _labels,
    "log of imports": _imports("-v"),
    "import times": _imports("-X", "importtime"),
    "disassembly": _disassembly,
    "names of time zones": _zones,
}
