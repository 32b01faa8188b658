"""Read the documents of a folder, or one file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.documents import Document, Failure
from rag.errors import CorpusError
from rag.parsers import parser_for
from rag.parsers.base import ParserOptions
from rag.parsers.worker import LAYOUT_LIMITS, ParserPool
from rag.sources.parts import documents_of, printable

Progress = Callable[[int, int], None]


def find_files(root: Path, options: ParserOptions | None = None) -> list[Path]:
    """List the files below a folder that have a parser, without hidden ones, links and pipes.

    Links to folders are not entered, so that no loop and nothing outside the folder is read.
    Raises CorpusError when there is none.
    """
    if not root.exists():
        raise CorpusError(f"{root}: no such file or folder")
    if not root.is_dir():
        return [root]
    files: list[Path] = []
    for folder, inner, names in os.walk(root, followlinks=False):
        inner[:] = [name for name in inner if not name.startswith(".")]
        paths = (Path(folder, name) for name in names if not name.startswith("."))
        files += (path for path in paths if parser_for(path.suffix, options) and _is_plain(path))
    if not files:
        raise CorpusError(f"{root}: no document here that a parser can read")
    return sorted(files)


def read_files(
    root: Path,
    collection: str,
    *,
    options: ParserOptions | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Iterator[Document | Failure]:
    """Parse the files below a folder, or one file, in limited worker processes.

    Keys are `collection:path`, or `collection:path#name` for the parts of a file that holds several.
    Raises CorpusError when there is no file.
    """
    files = find_files(root, options)
    base = root if root.is_dir() else root.parent
    # A file named by itself may be a link; inside a folder, links were left out.
    asked = files if root.is_dir() else [root.resolve()]
    options = options or ParserOptions()
    limits = LAYOUT_LIMITS if options.layout else None
    with ParserPool(min(len(files), os.cpu_count() or 1), limits) as pool:
        for count, (path, (_, parsed)) in enumerate(
            zip(files, pool.parse(asked, options), strict=True), start=1
        ):
            key = f"{collection}:{printable(path.relative_to(base).as_posix())}"
            yield from documents_of(parsed, key, printable(str(path)), printable(path.stem))
            progress(count, len(files))


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
