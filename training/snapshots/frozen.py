"""Frozen snapshots: rows that a run may train on, hashed, with where they came from and how they were split.

A snapshot is a folder with train.jsonl, test.jsonl and manifest.json, all read-only. The manifest holds the
hashes of the files and one of its own: a byte that changed is noticed, and no run starts on it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from training.errors import SnapshotError
from training.fingerprints import file_fingerprint
from training.rows import Row, read_rows_of, snapshot_hash, write_rows
from training.snapshots.balance import describe_rows

MANIFEST_FILE, TRAIN_FILE, TEST_FILE = "manifest.json", "train.jsonl", "test.jsonl"
VERSION = 1
_READ_ONLY = 0o444

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Manifest:
    """Describe a snapshot.

    `rows` is the class of row and `hash` that of all rows, in any order; `files` holds each file's sha256 and
    counts; `split` says how sides were told apart, `guarded` which frozen tests the train rows were compared
    with and by which ways, `left_out` the ids of rows that were not taken, by reason; `lineage` names the
    judgements, guidelines and indexes behind the rows; `balance` is that of `snapshots.balance`; `clusters`
    maps questions to the group they are measured in.
    """

    rows: str
    hash: str
    files: dict[str, dict[str, Any]]
    split: dict[str, Any]
    guarded: list[dict[str, Any]]
    left_out: dict[str, list[str]]
    lineage: dict[str, Any]
    balance: dict[str, Any]
    clusters: dict[str, str] = field(default_factory=dict)
    version: int = VERSION


@dataclass(frozen=True)
class Snapshot(Generic[R]):
    """Hold a frozen snapshot with its rows."""

    folder: Path
    manifest: Manifest
    train: list[R]
    test: list[R]


@dataclass(frozen=True)
class Origin:
    """Say how the rows of a snapshot came about; goes into its manifest as it is."""

    split: Mapping[str, Any] = field(default_factory=dict)
    guarded: Sequence[Mapping[str, Any]] = ()
    left_out: Mapping[str, Sequence[str]] = field(default_factory=dict)
    clusters: Mapping[str, str] = field(default_factory=dict)


def freeze(folder: Path, row: type[R], train: Sequence[R], test: Sequence[R], origin: Origin) -> Snapshot[R]:
    """Write rows as a snapshot, whole or not at all; a folder that holds the same rows is left as it is.

    Raises SnapshotError where the folder holds other rows, or damaged ones.
    """
    if not train:
        raise SnapshotError(f"{folder}: no rows to train on; label more or hold fewer out")
    wanted = snapshot_hash([*train, *test])
    if (folder / MANIFEST_FILE).exists():
        found = open_snapshot(folder, row)
        if found.manifest.hash != wanted:
            raise SnapshotError(f"{folder}: holds a snapshot of other rows; use a fresh folder")
        return found
    files = {}
    for name, rows in ((TRAIN_FILE, train), (TEST_FILE, test)):
        (folder / name).unlink(missing_ok=True)  # a crash before the manifest left it, maybe read-only
        write_rows(folder / name, rows)
        (folder / name).chmod(_READ_ONLY)
        questions = len({one.question_id for one in rows})
        files[name] = {"sha256": file_fingerprint(folder / name), "rows": len(rows), "questions": questions}
    manifest = Manifest(
        rows=row.__name__,
        hash=wanted,
        files=files,
        split=dict(origin.split),
        guarded=[dict(test) for test in origin.guarded],
        left_out={why: sorted(ids) for why, ids in origin.left_out.items()},
        lineage=lineage_of([*train, *test]),
        balance=describe_rows(train, test),
        clusters=dict(origin.clusters),
    )
    _write_manifest(folder / MANIFEST_FILE, manifest)
    return Snapshot(folder, manifest, list(train), list(test))


def open_snapshot(folder: Path, row: type[R]) -> Snapshot[R]:
    """Read a snapshot of this kind of row.

    Raises SnapshotError where a file is missing, a byte changed since it was frozen, or its rows are of
    another kind.
    """
    manifest = read_manifest(folder)
    if manifest.rows != row.__name__:
        raise SnapshotError(f"{folder}: holds {manifest.rows} rows, the run reads {row.__name__}")
    for name, known in manifest.files.items():
        file = folder / name
        if not file.is_file() or file_fingerprint(file) != known["sha256"]:
            raise SnapshotError(
                f"{file}: changed since it was frozen, or gone; bring it back or freeze the rows anew"
            )
    sides = [
        read_rows_of(row, folder / name) if manifest.files[name]["rows"] else []
        for name in (TRAIN_FILE, TEST_FILE)
    ]
    return Snapshot(folder, manifest, *sides)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a snapshot. Raises SnapshotError where it is missing, damaged or was changed."""
    file = folder / MANIFEST_FILE
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        digest = record.pop("digest")
        manifest = Manifest(**record)
        sound = digest == _digest(record) and set(manifest.files) == {TRAIN_FILE, TEST_FILE}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotError(f"{file}: not a manifest: {' '.join(str(error).split())}") from error
    if not sound or manifest.version != VERSION:
        raise SnapshotError(f"{file}: changed since the rows were frozen; freeze them anew")
    return manifest


def is_frozen(rows_file: Path) -> bool:
    """Tell whether a file of rows belongs to a snapshot."""
    return rows_file.name in (TRAIN_FILE, TEST_FILE) and (rows_file.parent / MANIFEST_FILE).is_file()


def lineage_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Return what the rows' own lineage names, each once: judgements, guidelines, indexes, assessors."""
    judgements, guidelines, indexes, assessors = set[Any](), set[str](), set[str](), set[str]()
    for row in rows:
        judgements.update(row.lineage.get("judgements") or ())
        guidelines.update(row.lineage.get("guidelines") or ())
        assessors.update(row.lineage.get("assessors") or ())
        if index := row.lineage.get("index"):
            indexes.add(str(index))
    return {
        "judgements": sorted(judgements, key=lambda one: (str(type(one)), one)),
        "guidelines": sorted(guidelines),
        "indexes": sorted(indexes),
        "assessors": sorted(assessors),
    }


def _write_manifest(file: Path, manifest: Manifest) -> None:
    record = asdict(manifest)
    record["digest"] = _digest(record)
    draft = file.with_name(f"{file.name}.tmp")
    draft.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.chmod(_READ_ONLY)
    draft.replace(file)


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
