"""Turn a finished run into a version of the registry: export, hash, lineage, and the gate of reward models.

What takes time is done by the run's own process and left in `version.json`; the supervisor only
takes it in.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import training
from annotate import __version__
from annotate.errors import JobError, PairloopError
from annotate.jobs.context import Context
from annotate.jobs.models import (
    POLICY_FILE,
    champion,
    content_hash,
    last_evidence,
    record_decision,
    register_model,
)
from annotate.jobs.roles import POLICY, REWARD_ROLES, role_of
from annotate.jobs.supervisor import VERSION_FILE
from annotate.reports.runs import report_run
from annotate.store import Run
from training.errors import TrainingError

LIBRARIES = ("torch", "transformers", "trl", "peft", "sentence-transformers")


def conclude_run(context: Context, run_id: int) -> None:
    """Export and hash the model of a trained run, put a reward model to the gate, and note all of it."""
    run = report_run(context.store, run_id)
    folder = Path(run.folder)
    role = role_of(run.kind)
    result = json.loads((folder / "result.json").read_text("utf-8"))
    told: dict[str, Any] = {"role": role, "lineage": _lineage(run.kind, run.snapshot, run.recipe, result)}
    if role == POLICY:
        told["lineage"]["engine"] = export_policy(context, folder)
    if role:
        told["content_hash"] = content_hash(folder)
    if role in REWARD_ROLES:
        told["gate"] = _gate(context, role, folder)
    draft = folder / f"{VERSION_FILE}.tmp"
    draft.write_text(json.dumps(told, ensure_ascii=False, indent=2), "utf-8")
    draft.replace(folder / VERSION_FILE)


def register_run(context: Context, run: Run) -> int | None:
    """Register the model of a finished run; return its number, None where the kind makes no model."""
    folder = Path(run.folder)
    if not (folder / VERSION_FILE).exists():
        conclude_run(context, run.id)
    told = json.loads((folder / VERSION_FILE).read_text("utf-8"))
    if not told["role"]:
        return None
    known = register_model(
        context.store,
        told["role"],
        folder,
        str(run.result["fingerprint"]),
        run_id=run.id,
        metrics=run.result["metrics"],
        content_hash=told["content_hash"],
        lineage=told["lineage"],
    )
    if "gate" in told and last_evidence(context.store, known) is None:
        _record(context, known, told["role"], told["gate"])
    return known


def export_policy(context: Context, folder: Path) -> str:
    """Bring a tuned policy to the fast engine's form, once; return how it can be served.

    A policy that did not grow from the default one has no such form: it is served by other means.
    """
    if (folder / POLICY_FILE).exists():
        return POLICY_FILE
    from training.gguf_export import export_gguf

    draft = folder / f"{POLICY_FILE}.tmp"
    try:
        export_gguf(folder / "model", context.default_gguf, draft)
    except (TrainingError, ValueError, KeyError) as error:
        draft.unlink(missing_ok=True)
        return f"none: {' '.join(str(error).split())}"
    draft.replace(folder / POLICY_FILE)
    return POLICY_FILE


def _gate(context: Context, role: str, folder: Path) -> dict[str, Any]:
    from annotate.jobs.reward_gate import compare_with_champion

    try:
        return compare_with_champion(context, role, folder)
    except (PairloopError, TrainingError, OSError) as error:
        reason = f"not promoted: it could not be measured: {' '.join(str(error).split())}"
        return {"promoted": False, "reason": reason, "champion": None}


def _record(context: Context, model_id: int, role: str, gate: dict[str, Any]) -> None:
    """Record the gate's decision, unless another champion came between, or the model serves already."""
    present = champion(context.store, role)
    number = present[0] if present else None
    if number == model_id:
        return
    promoted, reason = gate["promoted"], gate["reason"]
    if number != gate["champion"]:
        promoted = False
        again = f"compare again: pairloop models {model_id} --gate"
        reason = f"not promoted: model {number} became the champion meanwhile; {again}"
    record_decision(
        context.store, model_id, promoted=promoted, reason=reason, evidence={**gate, "promoted": promoted}
    )


def gate_model(context: Context, model_id: int) -> dict[str, Any]:
    """Put a reward model to the gate now and record the decision; return its evidence.

    Raises JobError for another role, or when it is the champion already.
    """
    from annotate.jobs.models import model_folder
    from annotate.jobs.reward_gate import compare_with_champion

    role, folder = model_folder(context.store, model_id)
    if role not in REWARD_ROLES:
        raise JobError(
            f"model {model_id} is a {role}; a policy goes to the gate by `pairloop evaluate policy`"
        )
    present = champion(context.store, role)
    if present and present[0] == model_id:
        raise JobError(f"model {model_id} is the champion of the role {role} already")
    found = compare_with_champion(context, role, folder)
    _record(context, model_id, role, found)
    return found


def _lineage(kind: str, snapshot: str, recipe: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in recipe.items() if key not in ("base", "train_rows", "test_rows")}
    return {
        "kind": kind,
        "snapshot": result.get("snapshot") or snapshot,
        "base": result.get("base_fingerprint", ""),
        "recipe": hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest(),
        "code": f"{__version__}+{_code_hash()[:12]}",
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def _code_hash() -> str:
    """Return the hash of the package that trains: a version number alone does not tell what ran."""
    digest = hashlib.sha256()
    root = Path(training.__file__).parent
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\x00" + file.read_bytes())
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
