"""Take preferences or judgements away, in somebody's name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.bridges.formats import FORMATS, JUDGEMENTS, PREFERENCES
from annotate.jobs.context import Context
from annotate.jobs.exchange.exporting import Selection, export

CSV, JSON, LINES, ZIP = "text/csv", "application/json", "application/x-ndjson", "application/zip"
_KINDS = {"csv": CSV, "argilla": JSON, "alpaca-eval": JSON, "label-studio": JSON, "datasets": ZIP}
_ENDINGS = {CSV: "csv", JSON: "json", LINES: "jsonl", ZIP: "zip"}


@dataclass(frozen=True)
class ExportWish:
    """Say what is wanted; `frozen` are questions of a test: none of them, nor nearly, may be in it."""

    form: str
    content: str = PREFERENCES
    split: str = "all"
    validation_share: float = 0.0
    questions: Sequence[str] = ()
    frozen: Sequence[str] = ()


@dataclass(frozen=True)
class ExportedFile:
    """Name a file that was written, its media type and the number of its lines."""

    path: Path
    media_type: str
    lines: int


def write_export(context: Context, actor: Actor, wish: ExportWish, folder: Path) -> ExportedFile:
    """Write an export into a folder of the caller, whole or not at all.

    Raises AccessDenied, BridgeError where there is nothing to write or held-out questions would leak.
    """
    actor.demand(Permission.EXPORT)
    told = {"content": wish.content, "split": wish.split, "questions": len(wish.questions)}
    with audited(context.store, actor, "export", wish.form, **told):
        kind = _KINDS.get(wish.form, LINES)
        target = folder / f"pairloop-{wish.content}-{wish.split}.{_ENDINGS[kind]}"
        fixed = wish.form in FORMATS and PREFERENCES not in FORMATS[wish.form].writes
        written = target.with_suffix("") if kind == ZIP else target
        lines = export(
            context,
            wish.form,
            written,
            content=JUDGEMENTS if fixed else wish.content,
            selection=_selection(wish, folder),
        )
        if kind == ZIP:
            shutil.make_archive(str(written), "zip", written)
        return ExportedFile(target, kind, lines)


def _selection(wish: ExportWish, folder: Path) -> Selection:
    against = []
    if wish.frozen:
        path = folder / "frozen-questions.jsonl"
        path.write_text("".join(json.dumps({"question": text}) + "\n" for text in wish.frozen), "utf-8")
        against.append(path)
    return Selection(wish.split, wish.validation_share, tuple(wish.questions), tuple(against))
