"""Keep the registry of models: immutable versions, one champion a role, and the gate's decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from annotate.errors import JobError
from annotate.store import ModelVersion, Promotion, Store

POLICY_FILE = "policy.gguf"


def register_model(
    store: Store, role: str, path: Path, fingerprint: str, *, run_id: int | None, metrics: dict[str, Any]
) -> int:
    """Add a version and return its number; equal weights are the same version."""
    with store.writing.begin() as session:
        known = session.scalar(select(ModelVersion).where(ModelVersion.fingerprint == fingerprint))
        if known is None:
            known = ModelVersion(
                role=role, path=str(path), fingerprint=fingerprint, run_id=run_id, metrics=metrics
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
