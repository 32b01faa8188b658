"""Commands `evaluate retrieval`, `evaluate answers`, `evaluate policy` and `evaluate over-optimisation`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from annotate.cli.console import (
    HERE,
    JsonOption,
    Terminal,
    WorkspaceOption,
    interval,
    open_context,
    out,
    print_json,
    print_table,
)
from annotate.jobs.evaluate import evaluate_policy
from annotate.jobs.evaluate_rag import evaluate_answers, evaluate_modes
from rag.retrieval import MODES

app = typer.Typer(
    help="Measure retrieval, answers, a tuned policy, or how far a reward model may be pushed.",
    no_args_is_help=True,
)
_RETRIEVAL = ("ndcg@10", "recall@1", "recall@5", "recall@10", "mrr", "map")


@app.command()
def retrieval(
    workspace: WorkspaceOption = HERE,
    questions: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines: question, documents or passages that answer it; by default the workspace's."
        ),
    ] = None,
    modes: Annotated[str, typer.Option(help="Retrieval modes, by commas.")] = ",".join(MODES),
    as_json: JsonOption = False,
) -> None:
    """Measure retrieval modes on questions whose answers are known, by language and by cluster."""
    chosen = [mode.strip() for mode in modes.split(",") if mode.strip()]
    rows = evaluate_modes(open_context(workspace), questions, chosen, Terminal())
    if as_json:
        print_json(rows)
        return
    cells = [
        (row["group"], row["mode"], _cases(row, "mrr"), *(_cell(row, name) for name in _RETRIEVAL))
        for row in rows
    ]
    print_table("Retrieval, with 95 % intervals", ("questions", "mode", "n", *_RETRIEVAL), cells)


@app.command()
def answers(
    workspace: WorkspaceOption = HERE,
    file: Annotated[
        Path | None,
        typer.Option(help="JSON lines: question, answer, passages; by default the workspace's answers."),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(help="Let a generator judge besides: default, champion or endpoint."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure answers by their citations, support, relevance, length, repetition and refusals."""
    if judge not in (None, "default", "champion", "endpoint"):
        raise typer.BadParameter("default, champion or endpoint", param_hint="--judge")
    rows = evaluate_answers(open_context(workspace), file, judge, Terminal())
    if as_json:
        print_json(rows)
        return
    names = list(rows[0]["measures"])
    cells = [
        (row["group"], row["cases"], name.replace("_", " "), _cell(row, name), _cases(row, name))
        for row in rows
        for name in names
    ]
    print_table("Answers, with 95 % intervals", ("answers", "n", "measure", "mean", "measured"), cells)
    out.print(
        "Support is measured by words, numbers and embeddings, not by an entailment model.", style="dim"
    )


@app.command()
def policy(
    model: Annotated[int, typer.Argument(help="Number of the model; see `pairloop models`.")],
    workspace: WorkspaceOption = HERE,
    questions: Annotated[int | None, typer.Option(min=2, help="At most so many held-out questions.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a tuned policy with the one in service on held-out questions; the gate decides."""
    report = evaluate_policy(open_context(workspace), model, questions, Terminal())
    if as_json:
        print_json(report)
        return
    out.print(f"Win rate of the new policy: {interval(report)} ({report['same_answers']} answers unchanged)")
    out.print(report["reason"])


@app.command("over-optimisation")
def over_optimisation(
    proxy: Annotated[int, typer.Argument(help="Number of the reward model that chooses the best answer.")],
    gold: Annotated[int, typer.Argument(help="Number of the one that judges the choice; it knows more.")],
    workspace: WorkspaceOption = HERE,
    questions: Annotated[int | None, typer.Option(min=2, help="At most so many held-out questions.")] = None,
    samples: Annotated[int, typer.Option(min=2, help="Answers drawn for each question.")] = 16,
    as_json: JsonOption = False,
) -> None:
    """Draw gold against proxy reward of the best of n answers: raise n only while gold rises."""
    from annotate.jobs.over_optimisation import measure_over_optimisation

    context = open_context(workspace)
    curve = measure_over_optimisation(
        context, proxy, gold, questions=questions, samples=samples, reporter=Terminal()
    )
    if as_json:
        print_json(curve)
        return
    rows = [
        (point["n"], point["kl"], interval(point["proxy"]), interval(point["gold"]))
        for point in curve["points"]
    ]
    columns = ("best of", "KL bound, nats", "proxy reward", "gold reward")
    print_table("Rewards in standard deviations above the mean answer, with 95 % intervals", columns, rows)
    surely = "beyond it gold surely falls" if curve["over_optimised"] else "no sure fall beyond it"
    out.print(f"Gold reward is highest at the best of {curve['best_n']}; {surely}.")


def _cell(row: dict[str, Any], name: str) -> str:
    found = row["measures"][name]
    if found["value"] is None:
        return "–"
    span = "" if found["low"] is None else f" [{found['low']:.2f}, {found['high']:.2f}]"
    return f"{found['value']:.3f}{span}"


def _cases(row: dict[str, Any], name: str) -> str:
    found = row["measures"][name]
    return f"{found['n']} of {found['of']}"
