"""Keep the registry of models: immutable versions, one champion a role, and the gate's decisions."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from annotate.errors import JobError
from annotate.reports import ModelReport, report_former_champions
from annotate.reports.runs import ROLLED_BACK
from annotate.store import ModelVersion, Promotion, Store

POLICY_FILE = "policy.gguf"


def content_hash(folder: Path) -> str:
    """Return the sha256 of all files of a version, by name: its model and what the engine reads."""
    files = sorted(file for file in (folder / "model").rglob("*") if file.is_file())
    if (engine := folder / POLICY_FILE).exists():
        files.append(engine)
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(folder).as_posix().encode() + b"\x00")
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def register_model(
    store: Store,
    role: str,
    path: Path,
    fingerprint: str,
    *,
    run_id: int | None,
    metrics: dict[str, Any],
    content_hash: str = "",
    lineage: dict[str, Any] | None = None,
) -> int:
    """Add a version and return its number; equal weights are the same version, which never changes."""
    with store.writing.begin() as session:
        known = session.scalar(select(ModelVersion).where(ModelVersion.fingerprint == fingerprint))
        if known is None:
            known = ModelVersion(
                role=role,
                path=str(path),
                fingerprint=fingerprint,
                run_id=run_id,
                metrics=metrics,
                content_hash=content_hash,
                lineage=lineage or {},
            )
            session.add(known)
            session.flush()
        return known.id


def record_decision(
    store: Store, model_id: int, *, promoted: bool, reason: str, evidence: dict[str, Any]
) -> None:
    """Record what the gate decided; a promotion makes the version the champion of its role."""
    with store.writing.begin() as session:
        if session.get(ModelVersion, model_id) is None:
            raise JobError(f"no model number {model_id}")
        session.add(Promotion(model_id=model_id, promoted=promoted, reason=reason, evidence=evidence))


def last_evidence(store: Store, model_id: int) -> dict[str, Any] | None:
    """Return the evidence of the gate's last decision on a version, or None where there was none."""
    with store.reading() as session:
        return session.scalar(
            select(Promotion.evidence)
            .where(Promotion.model_id == model_id)
            .order_by(Promotion.id.desc())
            .limit(1)
        )


def champion(store: Store, role: str) -> tuple[int, Path] | None:
    """Return number and folder of the champion of a role, or None before the first promotion."""
    with store.reading() as session:
        found = session.scalar(
            select(ModelVersion)
            .join(Promotion, Promotion.model_id == ModelVersion.id)
            .where(ModelVersion.role == role, Promotion.promoted)
            .order_by(Promotion.id.desc())
            .limit(1)
        )
        return (found.id, Path(found.path)) if found else None


def newest(store: Store, role: str) -> tuple[int, Path] | None:
    """Return number and folder of the newest version of a role, or None where there is none."""
    query = select(ModelVersion).where(ModelVersion.role == role).order_by(ModelVersion.id.desc()).limit(1)
    with store.reading() as session:
        found = session.scalar(query)
        return (found.id, Path(found.path)) if found else None


def champion_gguf(store: Store) -> Path | None:
    """Return the champion policy's weights for the fast engine, or None where there is no champion."""
    found = champion(store, "policy")
    return found[1] / POLICY_FILE if found else None


def model_folder(store: Store, model_id: int) -> tuple[str, Path]:
    """Return role and folder of a version; raise JobError when there is none of that number."""
    with store.reading() as session:
        found = session.get(ModelVersion, model_id)
        if found is None:
            raise JobError(f"no model number {model_id}; see `pairloop models`")
        return found.role, Path(found.path)


def fingerprint_of(store: Store, model_id: int) -> str:
    """Return the fingerprint of a version; raise JobError when there is none of that number."""
    with store.reading() as session:
        found = session.get(ModelVersion, model_id)
        if found is None:
            raise JobError(f"no model number {model_id}; see `pairloop models`")
        return found.fingerprint


def promote_version(store: Store, fingerprint: str, *, by: str, reason: str = "") -> None:
    """Make a version the champion of its role by a person's word; the last evidence goes with it.

    Raises JobError when there is no such version, it is the champion already or its files are gone.
    """
    with store.reading() as session:
        found = session.scalar(select(ModelVersion).where(ModelVersion.fingerprint == fingerprint))
    if found is None:
        raise JobError(f"no model with the fingerprint {fingerprint}; see `pairloop models`")
    now_champion = champion(store, found.role)
    if now_champion and now_champion[0] == found.id:
        raise JobError(f"model {found.id} is the champion of the role {found.role} already")
    _check_files(found)
    evidence = last_evidence(store, found.id) or {}
    said = f"promoted by {by}" + (f": {reason}" if reason else "")
    record_decision(store, found.id, promoted=True, reason=said, evidence=evidence)


def roll_back(store: Store, role: str, *, by: str, reason: str = "") -> str:
    """Make the champion before the present one champion again; return its fingerprint.

    Raises JobError when there was none before it or its files are gone.
    """
    former = report_former_champions(store).get(role)
    if former is None:
        raise JobError(f"the role {role} had no other champion before; there is nothing to go back to")
    _check_files(former)
    said = f"rolled back by {by}" + (f": {reason}" if reason else "")
    record_decision(store, former.id, promoted=True, reason=said, evidence={ROLLED_BACK: True})
    return former.fingerprint


def _check_files(version: ModelVersion | ModelReport) -> None:
    needed = Path(version.path) / (POLICY_FILE if version.role == "policy" else "model")
    if not needed.exists():
        raise JobError(f"{needed}: the weights of model {version.id} are gone; train it again")
    if version.content_hash and content_hash(Path(version.path)) != version.content_hash:
        raise JobError(f"{version.path}: model {version.id} is not what was registered; train it again")
