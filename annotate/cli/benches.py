"""Command `bench`: prove on one's own labels what the choice of pairs is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from active import STRATEGIES
from active.simulation import ArmSummary, Proof, Protocol
from annotate.cli.console import (
    HERE,
    JsonOption,
    Terminal,
    WorkspaceOption,
    open_context,
    out,
    print_json,
    print_table,
)
from annotate.jobs.bench_labels import bench_labels

app = typer.Typer(help="Measure on labels you have what choosing pairs saves.", no_args_is_help=True)


@app.callback()
def _root() -> None: ...


@app.command("labels")
def labels(
    file: Annotated[
        Path | None,
        typer.Argument(help="JSON lines with prompt, chosen, rejected; by default the preferences you have."),
    ] = None,
    workspace: WorkspaceOption = HERE,
    strategy: Annotated[
        list[str] | None, typer.Option(help=f"Can be repeated: {', '.join(STRATEGIES)}.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Splits into pool and test.")] = 10,
    batch: Annotated[int, typer.Option(min=1, help="Labels between two fits.")] = 20,
    start: Annotated[int, typer.Option(min=1, help="Labels by lot before the first choice.")] = 20,
    budget: Annotated[
        int | None, typer.Option(min=2, help="Labels at the end; default half the pool.")
    ] = None,
    by_question: Annotated[
        bool, typer.Option("--by-question", help="Test on questions never labelled.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Draws the splits.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Label your pairs again by each strategy and by lot, and show the labels each one needs."""
    arms = tuple(strategy) if strategy else Protocol().strategies
    protocol = Protocol(arms, seeds, start, batch, budget, by_question=by_question)
    proof = bench_labels(open_context(workspace), file, protocol, seed=seed, reporter=Terminal())
    if as_json:
        print_json({"pool": proof.pool, "test": proof.test, "full": proof.full, "arms": list(proof.arms)})
        return
    _print(proof, seeds)


def _print(proof: Proof, seeds: int) -> None:
    out.print(
        f"{seeds} splits of {proof.pool} pairs to label and {proof.test} to test on; "
        f"all labels of the pool give an accuracy of {proof.full:.3f}."
    )
    demands = list(proof.arms[0].saved)
    print_table(
        "Accuracy on the way, against choice by lot, with 95 % intervals",
        ("strategy", "accuracy", "gain", "p (Holm)", "log loss", "ECE", "s a batch"),
        [_quality(arm) for arm in proof.arms],
    )
    print_table(
        "Labels needed, and the share saved, with 95 % intervals",
        ("strategy", *demands),
        [[arm.name, *(_saved(arm, demand) for demand in demands)] for arm in proof.arms],
    )


def _quality(arm: ArmSummary) -> list[str]:
    gain = f"{arm.gain.value:+.3f} [{arm.gain.low:+.3f}, {arm.gain.high:+.3f}]"
    last = (f"{arm.nll:.3f}", f"{arm.ece:.3f}", f"{arm.seconds:.3f}")
    return [arm.name, f"{arm.area:.3f}", gain, f"{arm.p:.2g}", *last]


def _saved(arm: ArmSummary, demand: str) -> str:
    """Write the labels needed, and the share saved with its interval."""
    if np.isinf(arm.labels[demand]):
        return "not reached"
    saved = arm.saved[demand]
    return f"{arm.labels[demand]:.0f}: {saved.value:.0%} [{_share(saved.low)}, {_share(saved.high)}]"


def _share(value: float) -> str:
    return f"{value:.0%}" if np.isfinite(value) else "–"
