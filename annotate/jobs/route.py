"""Route pairs: show which ones need nobody or only a machine and what that saves, then do it.

The verdict of a machine, or of the learner itself, takes the place of people only in slices where the
audit proves it right often enough; see `active.routing`. Audited pairs always go to people. What the
learner itself is sure of is closed to people and stands in the history alone, as made by the model; only
where the rules of the campaign allow it does it count as a machine's judgement, and train.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.jobs.judges import LABELERS, MACHINES, PANEL, make_budget, make_labeler, panel_names
from annotate.jobs.label import label_by_machine, registered
from annotate.jobs.own_model import OwnModel, ask_own_model, submit_own_verdicts
from annotate.jobs.pair_columns import OWN_MODEL
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.routing_table import Candidate, Plan, make_plan, proof_of
from annotate.labelers.llm import Budget, join_verdicts
from annotate.labelling import refresh_preferences
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import DEFAULT, find_campaign
from annotate.labelling.machines.audit import Audit, draw_audit, let_stand, read_audit, waiting_pairs
from annotate.labelling.machines.calibration import Calibrated, record_calibrations
from annotate.store import Assessor, Assignment, Judgement

LATEST = 200  # judgements that tell what a pair costs


@dataclass(frozen=True)
class RoutePlan:
    """Hold the plan, who the machines are, and the audited pairs that they must judge before it is whole.

    `members` names the judges by candidate (a panel has several), `assessors` their names in the
    ledger, `probe` the audited pairs that a judge has not seen; `own` is the learner itself, None where
    it was not wanted or has too few labels.
    """

    plan: Plan
    campaign: str
    members: dict[str, tuple[str, ...]]
    assessors: dict[str, str]
    probe: dict[str, list[int]]
    audited_by_people: int
    waiting: int
    own: OwnModel | None = None


def route(
    context: Context,
    names: Sequence[str] | None = None,
    accuracy: float | None = None,
    campaign: str = DEFAULT,
) -> RoutePlan:
    """Return who should get which pairs, without asking any machine anything.

    `names` are the machines, with `own-model` for the learner itself; by default those that have judged
    here, and it. `accuracy` is what a machine's label must reach; by default the campaign's rule, else the
    setting. Raises JobError for an unknown machine.
    """
    names = names or [*_usable(context), OWN_MODEL]
    members = _members(context, [name for name in names if name != OWN_MODEL])
    judges = sorted({name for group in members.values() for name in group})
    assessors = {name: registered(context, make_labeler(context, name)) for name in judges}
    audit = read_audit(context.store, campaign)
    prices = _prices(context, assessors)
    candidates = [
        _candidate(name, group, audit, assessors, sum(prices[one] for one in group))
        for name, group in members.items()
    ]
    waiting = waiting_pairs(context.store, campaign)
    own = None
    if OWN_MODEL in names:
        own = ask_own_model(context, audit.truth, [pair.pair_id for pair in waiting])
    if own is not None:
        candidates = [Candidate(OWN_MODEL, own.votes, own=True), *candidates]
    plan = make_plan(
        audit,
        waiting,
        candidates,
        accuracy or _rules(context, campaign).machine_accuracy or context.settings.judge.accuracy,
        context.settings.judge.person_price,
    )
    probe = {
        name: [pair for pair in sorted(audit.truth) if pair not in audit.machines.get(assessor, {})]
        for name, assessor in assessors.items()
    }
    return RoutePlan(plan, campaign, members, assessors, probe, len(audit.truth), len(waiting), own)


def follow(
    context: Context,
    planned: RoutePlan,
    budget: Budget | None = None,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Carry a plan out: calibrate, ask the machines, close to people what is proven; return what was done.

    Machines first judge the audited pairs they have not seen; the plan is then made anew, since it
    may have become better or worse. What a spent budget leaves undone stays with people.
    """
    reporter, budget = reporter or Silent(), budget or make_budget(context)
    names, target = [*planned.members, *([OWN_MODEL] if planned.own else [])], planned.plan.target
    done = [
        label_by_machine(context, name, reporter=reporter, pairs=pairs, budget=budget)
        for name, pairs in planned.probe.items()
        if pairs
    ]
    calibrated = record_calibrations(context.store, np.random.default_rng(context.settings.seed))
    for name, pairs in route(context, names, target, planned.campaign).plan.ask.items():
        done += [
            label_by_machine(context, judge, reporter=reporter, pairs=pairs, budget=budget)
            for judge in planned.members[name]
        ]
    final = route(context, names, target, planned.campaign)
    if final.own and _rules(context, planned.campaign).model_labels:
        submit_own_verdicts(context, final.own, final.plan.nobody)
    sure = let_stand(context.store, _own_proofs(final))
    closed = sure + let_stand(context.store, _proofs(final, read_audit(context.store).machines, calibrated))
    refresh_preferences(context.store)
    return {
        "labelers": done,
        "calibrated": {name: asdict(rows[0]) for name, rows in calibrated.items()},
        "closed_to_people": closed,
        "left_to_nobody": sure,
        "left_to_people": final.waiting - closed,
        "plan": summarise(final),
    }


def summarise(planned: RoutePlan) -> dict[str, Any]:
    """Return a plan in figures: who gets how many pairs, what to expect of it, what it costs and saves."""
    plan = planned.plan
    return {
        "target": plan.target,
        "audited_by_people": planned.audited_by_people,
        "audited": plan.audited,
        "to_calibrate": {name: len(pairs) for name, pairs in planned.probe.items() if pairs},
        "waiting": planned.waiting,
        "nobody": len(plan.nobody),
        "own_labels": planned.own.labels if planned.own else 0,
        "stand": len(plan.stands),
        "ask": {name: len(pairs) for name, pairs in plan.ask.items()},
        "people": len(plan.people),
        "machine_labels": plan.machine_labels,
        "accuracy": {"value": plan.accuracy, "low": plan.low, "high": plan.high},
        "cost": plan.cost,
        "cost_without": plan.cost_without,
        "saving": plan.saving,
        "judgements_saved": plan.judgements_saved,
        "rules": [proof_of(rule, plan.target) for rule in plan.rules],
    }


def draw(context: Context, count: int, campaign: str = DEFAULT) -> int:
    """Move so many waiting pairs, drawn by lot, into the audit slice; return how many."""
    rng = np.random.default_rng([context.settings.seed, count, len(read_audit(context.store).truth)])
    return draw_audit(context.store, count, rng, campaign)


def _members(context: Context, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the judges of each candidate: a panel's members are candidates of their own as well."""
    members: dict[str, tuple[str, ...]] = {}
    for name in names:
        if name == PANEL:
            group = panel_names(context)
            members |= {one: (one,) for one in group} | {PANEL: group}
        else:
            members[name] = (name,)
    return members


def _usable(context: Context) -> list[str]:
    """Return the machines that have judged here, or else those that every workspace has; and the panel."""
    judged = read_audit(context.store).machines
    found = [name for name in MACHINES if any(one == name or one.startswith(f"{name}-") for one in judged)]
    panel = [PANEL] if len(context.settings.judge.panel) > 1 else []
    return [*(found or LABELERS), *panel]


def _candidate(
    name: str, group: Sequence[str], audit: Audit, assessors: dict[str, str], price: float
) -> Candidate:
    votes = [audit.machines.get(assessors[one], {}) for one in group]
    shared = set.intersection(*(set(one) for one in votes)) if votes else set()
    joint = {
        pair: votes[0][pair] if len(votes) == 1 else join_verdicts([one[pair] for one in votes])
        for pair in sorted(shared)
    }
    return Candidate(name, joint, price)


def _prices(context: Context, assessors: Mapping[str, str]) -> dict[str, float]:
    """Return what a pair costs with each judge, from the tokens of its latest judgements; else nothing."""
    prices = make_budget(context).prices
    found = {}
    with context.store.reading() as session:
        for name, assessor in assessors.items():
            latest = session.scalars(
                select(Judgement.details)
                .join(Assignment, Assignment.id == Judgement.assignment_id)
                .join(Assessor, Assessor.id == Assignment.assessor_id)
                .where(Assessor.name == assessor)
                .order_by(Judgement.id.desc())
                .limit(LATEST)
            ).all()
            costs = [
                prices.cost(details["prompt_tokens"], details["completion_tokens"])
                for details in latest
                if "prompt_tokens" in details
            ]
            found[name] = float(np.mean(costs)) if costs else 0.0
    return found


def _rules(context: Context, campaign: str) -> CampaignRules:
    try:
        return find_campaign(context.store, campaign).rules
    except LabellingError:  # no task yet, so no campaign
        return CampaignRules()


def _own_proofs(planned: RoutePlan) -> dict[int, dict[str, Any]]:
    """Return for the history, by pair that needs nobody, the learner's verdict and what proves it."""
    if planned.own is None:
        return {}
    votes, made_by = planned.own.votes, {"labels": planned.own.labels, "model": planned.own.fingerprint}
    return {
        pair: proof_of(rule, planned.plan.target)
        | {"verdict": votes[pair][0], "confidence": votes[pair][1], "model_made": True}
        | made_by
        for pair, rule in planned.plan.nobody.items()
    }


def _proofs(
    planned: RoutePlan,
    votes: Mapping[str, Mapping[int, tuple[str, float]]],
    calibrated: Mapping[str, Sequence[Calibrated]],
) -> dict[int, dict[str, Any]]:
    """Return for the history, by pair whose label stands, its rule and what the confidence is worth."""
    proofs = {}
    for pair, rule in planned.plan.stands.items():
        proofs[pair] = proof_of(rule, planned.plan.target)
        judge = planned.assessors.get(rule.machine, "")  # a panel has no confidence of its own on record
        if judge in calibrated:
            sure = votes[judge][pair][1]
            proofs[pair] |= {
                "confidence": sure,
                "calibrated": float(calibrated[judge][0].curve.at([sure])[0]),
            }
    return proofs
