"""Read and write JSON lines and JSON arrays one element at a time, whatever the size of the file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from annotate.errors import BridgeError

_BLOCK = 1 << 16
_LARGEST = 64 << 20  # characters of one element
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_BETWEEN = " \t\r\n,"


@dataclass(frozen=True)
class Element:
    """Hold one JSON object with its line, or the reason why there is none on that line."""

    line: int
    value: dict[str, Any]
    reason: str = ""


@contextmanager
def opened(source: Path) -> Iterator[IO[str]]:
    """Open a text file to read; raise BridgeError in one line when it cannot be read as UTF-8."""
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        raise BridgeError(f"{source}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BridgeError(f"{source}: not UTF-8: {error.reason} at byte {error.start}") from error


def read_lines(source: Path) -> Iterator[Element]:
    """Yield one object a line; empty lines are passed over, bad ones said."""
    with opened(source) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _element(number, line)


def _element(number: int, text: str) -> Element:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        return Element(number, {}, f"not valid JSON: {getattr(error, 'msg', 'nested too deeply')}")
    if not isinstance(value, dict):
        return Element(number, {}, "not a JSON object")
    return Element(number, value)


def read_array(source: Path) -> Iterator[Element]:
    """Yield the objects of one JSON array, each with the line on which it begins.

    Raises BridgeError where the file stops being such an array: what comes after cannot be told.
    """
    with opened(source) as file:
        text, line = file.read(_BLOCK).lstrip("\ufeff"), 1
        head = len(text) - len(text.lstrip())
        if not text[head:].startswith("["):
            raise BridgeError(f"{source}: not a JSON array of objects")
        line += text.count("\n", 0, head)
        yield from _elements(source, file, text[head + 1 :], line)


def _elements(source: Path, file: IO[str], text: str, line: int) -> Iterator[Element]:
    decoder = json.JSONDecoder()
    while True:
        start = len(text) - len(text.lstrip(_BETWEEN))
        if start == len(text):
            block = file.read(_BLOCK)
            if not block:
                raise BridgeError(f"{source}:{line}: the array never ends; the file was cut short")
            line, text = line + text.count("\n"), block
            continue
        line += text.count("\n", 0, start)
        if text[start] == "]":
            return
        try:
            value, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            block = file.read(max(_BLOCK, len(text)))  # twice as much each time: linear in the end
            if not block or len(text) > _LARGEST:
                raise BridgeError(f"{source}:{line}: not valid JSON: {error.msg}") from error
            text = text[start:] + block
            continue
        yield Element(line, value) if isinstance(value, dict) else Element(line, {}, "not a JSON object")
        line += text.count("\n", start, end)
        text = text[end:]


def write_lines(target: Path, rows: Iterable[Any]) -> int:
    """Write one object a line and return how many."""
    count = 0
    with target.open("w", encoding="utf-8", newline="") as sink:
        for row in rows:
            sink.write(dumped(row) + "\n")
            count += 1
    return count


def write_array(target: Path, rows: Iterable[Any]) -> int:
    """Write the objects as one array, each on a line of its own, and return how many."""
    count = 0
    with target.open("w", encoding="utf-8", newline="") as sink:
        sink.write("[")
        for row in rows:
            sink.write((",\n" if count else "\n") + dumped(row))
            count += 1
        sink.write("\n]\n")
    return count


def dumped(value: Any) -> str:
    """Return a value as JSON on one line, letters as they are."""
    return _ENCODER.encode(value)
