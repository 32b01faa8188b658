"""A ledger in which people and machines have judged an audit slice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from annotate.labelling import register, reserve_pair, submit
from tests.annotate.conftest import Ledger

Right = Callable[[int], bool]


def judge_pairs(
    ledger: Ledger, name: str, kind: str, verdicts: Mapping[int, str], confidence: float | None = None
) -> None:
    """Let an assessor judge given pairs, in the stored order."""
    assessor = register(ledger.store, name, kind)  # type: ignore[arg-type]
    for pair, verdict in verdicts.items():
        held = reserve_pair(ledger.store, pair, assessor.id)
        sure = confidence if confidence is not None else (0.9 if kind == "machine" else None)
        submit(ledger.store, held.id, assessor.id, ledger.says(verdict, confidence=sure))


def audit(
    ledger: Ledger,
    machines: Mapping[str, Right],
    pairs: int,
    languages: Sequence[str] = ("en", "ru"),
) -> list[int]:
    """Make audited tasks that a person judges; a machine agrees where its function of the number says."""
    ids = ledger.tasks(pairs, languages=languages, audit=True)
    truth = {pair: ("A_better", "B_better", "tie")[at % 3] for at, pair in enumerate(ids)}
    judge_pairs(ledger, "anna", "person", truth)
    wrong = {"A_better": "B_better", "B_better": "tie", "tie": "A_better"}
    for name, right in machines.items():
        said = {pair: truth[pair] if right(at) else wrong[truth[pair]] for at, pair in enumerate(ids)}
        judge_pairs(ledger, name, "machine", said)
    return ids
