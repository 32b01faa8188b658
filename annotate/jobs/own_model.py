"""Ask the learner itself what it thinks of pairs, so that those it is sure of need nobody.

It learns from people's verdicts alone, and never from the audit slice or its questions: what it says of the
audited pairs is then as honest a measure of it as of any machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from active import COLD_START_LABELS
from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.jobs.pair_columns import OWN_MODEL, PairTable, as_labelled, as_pool, read_pairs
from annotate.labelling import Submission, register, reserve_pair, submit

CHANNEL = "machine"


@dataclass(frozen=True)
class OwnModel:
    """Hold the learner's verdicts with their confidence by pair, and what names its labels and settings."""

    votes: Mapping[int, tuple[str, float]]
    labels: int
    fingerprint: str

    @property
    def name(self) -> str:
        """Return the assessor's name, another one for other labels."""
        return f"{OWN_MODEL}-{self.fingerprint[:6]}"


def ask_own_model(context: Context, audited: Iterable[int], waiting: Iterable[int]) -> OwnModel | None:
    """Return what the learner thinks of audited and waiting pairs; None while too few labels teach it."""
    table = read_pairs(context)
    slice_, wanted = set(audited), {*audited, *waiting}
    questions = {pair.question_id for pair in table.pairs if pair.id in slice_ or table.audited.get(pair.id)}
    known = [
        pair
        for pair in table.labelled
        if pair.question_id not in questions and table.preferences[pair.id].people > 0
    ]
    asked = [pair for pair in table.pairs if pair.id in wanted]
    if len(known) < COLD_START_LABELS or not asked:
        return None
    labelled = as_labelled(context, table, known)
    if not labelled.has_both_verdicts:
        return None
    head = table.make_head().fit(
        labelled.features, labelled.targets, labelled.weights, labelled.groups, labelled.verdicts
    )
    chances = head.predict_proba(as_pool(context, table, asked).features)[:, 1]
    votes = {pair.id: _vote(float(p)) for pair, p in zip(asked, chances, strict=True)}
    return OwnModel(votes, len(known), _fingerprint(context, table, [pair.id for pair in known]))


def submit_own_verdicts(context: Context, model: OwnModel, pairs: Iterable[int]) -> int:
    """Give the learner's verdicts to the ledger as those of a machine; return how many were taken."""
    assessor = register(context.store, model.name, "machine", fingerprint=f"{OWN_MODEL}|{model.fingerprint}")
    taken = 0
    for pair in pairs:
        try:
            held = reserve_pair(context.store, pair, assessor.id)
        except LabellingError:  # judged before, or no task any more
            continue
        verdict, sure = model.votes[pair]
        submission = Submission(
            client_key=f"{model.name}:{held.id}",
            verdict=verdict,
            guideline_id=context.guideline.id,
            channel=CHANNEL,
            confidence=sure,
            details={"model_made": True, "labels": model.labels},
        )
        submit(context.store, held.id, assessor.id, submission)
        taken += 1
    return taken


def _vote(p: float) -> tuple[str, float]:
    return ("A_better", p) if p >= 0.5 else ("B_better", 1 - p)


def _fingerprint(context: Context, table: PairTable, pairs: list[int]) -> str:
    digest = hashlib.sha256(context.embedder.fingerprint.encode())
    for pair in pairs:
        posterior = np.array(
            [table.preferences[pair].posterior[name] for name in ("first", "tie", "both_bad")]
        )
        digest.update(f"{pair}".encode() + posterior.round(6).tobytes())
    return digest.hexdigest()[:16]
