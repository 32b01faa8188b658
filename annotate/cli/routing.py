"""Print what machines did, and the plan that routes pairs to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotate.cli.console import interval, out, print_table, show


def print_tallies(judged: Sequence[Mapping[str, Any]]) -> None:
    """Print what each machine did and spent, and why it stopped if it did."""
    for row in judged:
        said = f"{row['assessor']} (machine): {row['judged']} pairs judged"
        if row["skipped"]:
            said += f", {row['skipped']} passed on to others"
        if row["flagged"]:
            said += f", {row['flagged']} flagged"
        if row["calls"]:
            tokens = row["prompt_tokens"] + row["completion_tokens"]
            said += f"; {row['calls']} calls, {tokens:,} tokens, cost {row['cost']:.4f}"
        out.print(said, markup=False)
        for reason, count in row["reasons"].items():
            out.print(f"  {count} times: {reason}", markup=False)
        if row["stopped"]:
            out.print(f"  stopped early: {row['stopped']}", markup=False)


def print_plan(plan: Mapping[str, Any]) -> None:
    """Print who gets how many pairs, what to expect of the machines' labels, cost and saving."""
    if plan["drawn_for_audit"]:
        out.print(f"{plan['drawn_for_audit']} pairs were drawn for the audit; people judge them first.")
    out.print(
        f"A machine's label must agree with people in {plan['target']:.0%} of pairs; "
        f"{plan['audited_by_people']} audited pairs tell how often it does."
    )
    for name, count in plan["to_calibrate"].items():
        out.print(f"{name} has {count} audited pairs to judge before more can be said of it.", markup=False)
    _print_rules(plan)
    asked = ", ".join(f"{count} to {name}" for name, count in plan["ask"].items()) or "none to a machine"
    out.print(
        f"Of {plan['waiting']} waiting pairs {plan['nobody']} need nobody, since the model itself is sure; "
        f"{plan['stand']} stand as labelled, {asked}, {plan['people']} to people.",
        markup=False,
    )
    out.print(f"Accuracy of the labels not made by people: {_expected(plan)}", markup=False)
    out.print(
        f"Cost {plan['cost']:.2f} instead of {plan['cost_without']:.2f}: saves {plan['saving']:.2f} "
        f"and {show(float(plan['judgements_saved']))} judgements by people."
    )


def _print_rules(plan: Mapping[str, Any]) -> None:
    print_table(
        "Where machines may label",
        (
            "language",
            "cluster",
            "machine",
            "from confidence",
            "model below",
            "audited",
            "agrees",
            "at least",
            "of the slice",
        ),
        [
            (
                *rule["slice"],
                rule["machine"],
                rule["threshold"],
                rule["below"],
                rule["audited"],
                rule["accuracy"],
                rule["low"],
                rule["kept"],
            )
            for rule in plan["rules"]
        ],
    )


def _expected(plan: Mapping[str, Any]) -> str:
    return interval(plan["accuracy"] | {"n": round(plan["machine_labels"])})
