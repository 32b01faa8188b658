"""Write preferences and judgements for other tools: whole or not at all, in any of the formats."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from annotate.bridges.formats import PREFERENCES, Row, format_named
from annotate.errors import BridgeError


def export_rows(
    rows: Iterable[Row],
    target: Path,
    form: str,
    *,
    content: str = PREFERENCES,
    columns: Mapping[str, str] | None = None,
    overwrite: bool = True,
) -> int:
    """Write rows to a file or folder, whole or not at all; return how many lines were written.

    The rows go to a draft beside the target as they come and take its place at the end. Raises
    BridgeError for an unknown form, one that does not hold this content, an existing target that
    is not to be overwritten, or a place that cannot be written to.
    """
    chosen = format_named(form)
    if content not in chosen.writes:
        raise BridgeError(f"{form} holds {' and '.join(sorted(chosen.writes))}, not {content}")
    return write_whole(
        target, lambda draft: chosen.write(rows, draft, content, columns or {}), overwrite=overwrite
    )


def write_whole(target: Path, write: Callable[[Path], int], *, overwrite: bool) -> int:
    """Let a function write a draft beside the target, put it in its place, and return what it returned.

    Raises BridgeError as `export_rows` does; then the target is as it was.
    """
    if target.exists() and not overwrite and not _is_empty_folder(target):
        raise BridgeError(f"{target} exists already; name another or overwrite it with --force")
    draft = target.with_name(f".{target.name}.tmp")
    _remove(draft)
    try:
        count = write(draft)
        _put(draft, target)
    except OSError as error:
        raise BridgeError(f"{target}: cannot be written: {error.strerror}") from error
    except UnicodeEncodeError as error:
        raise BridgeError(f"{target}: a text holds half a character: {error.reason}") from error
    finally:
        _remove(draft)
    return count


def _put(draft: Path, target: Path) -> None:
    """Give the draft its name; a folder in its place is put away first: no one step replaces it."""
    if not target.is_dir():
        draft.replace(target)
        return
    if not draft.is_dir():
        raise BridgeError(f"{target} is a folder; name a file")
    if others := {path.name for path in target.iterdir()} - {path.name for path in draft.iterdir()}:
        raise BridgeError(f"{target} holds other things ({min(others)}); name another folder")
    away = target.with_name(f".{target.name}.old")
    _remove(away)
    target.replace(away)
    try:
        draft.replace(target)
    except OSError:
        away.replace(target)
        raise
    _remove(away)


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
