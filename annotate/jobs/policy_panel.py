"""Let a panel of machine assessors compare two policies, each pair in both orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotate.jobs.context import Context
from annotate.jobs.judges import LABELERS, make_labeler, panel_names
from annotate.jobs.progress import Progress, Reporter
from annotate.labelers import Labeler, MachineJudgement
from annotate.labelers.base import Outcome
from annotate.labelling import PairView
from annotate.labelling.verdicts import outcome


@dataclass(frozen=True)
class Votes:
    """Hold what one judge says of each pair: the value of side A in [0, 1], None where it abstained.

    A value is the mean over both orders; `turned` is the share of pairs whose winner the order changed.
    """

    judge: str
    values: list[float | None]
    turned: float


def panel_judges(context: Context) -> tuple[str, ...]:
    """Name the judges of policies: those every workspace has, and the panel of the settings if there is one.

    Reward models do not sit in it: a policy may have been tuned to please the very one.
    """
    panel = context.settings.judge.panel
    return (*LABELERS, *(panel_names(context) if len(panel) > 1 else ()))


def ask_panel(context: Context, pairs: Sequence[PairView], reporter: Reporter) -> list[Votes]:
    """Return the votes of each judge on the pairs, each asked in both orders."""
    votes = []
    for name in panel_judges(context):
        with reporter.track(f"{name} compares the policies") as progress:
            votes.append(ask_judge(make_labeler(context, name), pairs, progress))
    return votes


def ask_judge(labeler: Labeler, pairs: Sequence[PairView], progress: Progress | None = None) -> Votes:
    """Return one judge's votes on the pairs, each asked in both orders."""
    turned = [PairView(pair.pair_id, pair.question, pair.language, pair.b, pair.a) for pair in pairs]
    found = labeler.judge([*pairs, *turned], progress)
    values: list[float | None] = []
    changed = 0
    for one, other in zip(found[: len(pairs)], found[len(pairs) :], strict=True):
        straight, back = value_of_a(one), value_of_a(other)
        backwards = None if back is None else 1 - back
        known = [value for value in (straight, backwards) if value is not None]
        values.append(sum(known) / len(known) if known else None)
        changed += len(known) == 2 and abs(known[0] - known[1]) == 1
    return Votes(labeler.name, values, changed / len(pairs) if pairs else 0.0)


def value_of_a(judged: Outcome) -> float | None:
    """Return 1 where side A won, 0 where B did, 0.5 on a tie or where both are bad, None on an abstention."""
    if not isinstance(judged, MachineJudgement):
        return None
    return {"first": 1.0, "second": 0.0}.get(outcome(judged.verdict), 0.5)
