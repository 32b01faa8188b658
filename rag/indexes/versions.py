"""Lay out the versions of the indexes in a folder: one subfolder each, there when it is whole.

A version is called `FINGERPRINT-GENERATION`. The fingerprint tells what is in it; the generation
grows when the same is built again. Building happens in a subfolder with a dot before its name,
which is renamed at the end: whoever looks finds either the old version or the new one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from rag.indexes.backends import VECTOR_BACKENDS, WORD_BACKENDS, Backends
from rag.indexes.base import Version

_MANIFEST, _CHUNKS = "index.json", "chunks.npz"
_SCRATCH = ".build-"
_LOCK = ".lock"


@dataclass(frozen=True)
class Manifest:
    """Tell what a version was made of and where its two indexes are kept."""

    fingerprint: str
    embedder: str
    vectors: str
    words: str
    formats: str
    chunks: int

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read the manifest of a version's folder; return None where there is none that can be read."""
        try:
            return cls(**json.loads((folder / _MANIFEST).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Write the manifest into a version's folder."""
        (folder / _MANIFEST).write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    def backends(self, chosen: Backends) -> Backends:
        """Return the backends that this version is kept in, at the addresses of the chosen ones."""
        if self.vectors not in VECTOR_BACKENDS or self.words not in WORD_BACKENDS:
            return chosen
        return replace(chosen, vectors=self.vectors, words=self.words)


class Versions:
    """Find, make and remove the versions in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Version]:
        """List the versions that are there, the older generation of one fingerprint first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        return [Version(path.name, path) for path in sorted(found, key=lambda path: _parts(path.name))]

    def named(self, name: str) -> Version:
        """Return a version by its name."""
        return Version(name, self.folder / name)

    def newest(self, fingerprint: str) -> Version | None:
        """Return the newest generation of a fingerprint, or None."""
        return next((v for v in reversed(self.all()) if v.fingerprint == fingerprint), None)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from building here; a process that dies lets go of the lock."""
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / _LOCK):
            yield

    @contextmanager
    def making(self, fingerprint: str) -> Iterator[Version]:
        """Yield the next generation of a fingerprint in a scratch folder; rename it at the end."""
        for scrap in self.folder.glob(f"{_SCRATCH}*"):  # of builders that died: we hold the lock
            shutil.rmtree(scrap, ignore_errors=True)
        old = self.newest(fingerprint)
        name = f"{fingerprint}-{_parts(old.name)[1] + 1 if old else 1}"
        scratch = self.folder / f"{_SCRATCH}{name}"
        scratch.mkdir()
        try:
            yield Version(name, scratch)
            scratch.rename(self.folder / name)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def write_chunks(folder: Path, chunks: Mapping[int, str]) -> None:
    """Write which texts a version holds: a chunk id and the first 64 bits of the text's hash each."""
    ids = np.fromiter(chunks, np.int64, len(chunks))
    hashes = np.fromiter((short_hash(text_hash) for text_hash in chunks.values()), np.uint64, len(chunks))
    np.savez(folder / _CHUNKS, ids=ids, hashes=hashes)


def read_chunks(folder: Path) -> dict[int, int] | None:
    """Read what `write_chunks` wrote; return None where it cannot be read."""
    try:
        with np.load(folder / _CHUNKS) as stored:
            return dict(zip(stored["ids"].tolist(), stored["hashes"].tolist(), strict=True))
    except (OSError, ValueError, KeyError, EOFError):
        return None


def short_hash(text_hash: str) -> int:
    """Return the first 64 bits of a hexadecimal hash."""
    return int(text_hash[:16], 16)


def _parts(name: str) -> tuple[str, int]:
    fingerprint, _, generation = name.partition("-")
    return fingerprint, int(generation) if generation.isdecimal() else 0
