"""Command `demo`: the whole loop, then the screens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from annotate.cli.console import (
    Terminal,
    WorkspaceOption,
    errors,
    interval,
    open_context,
    out,
    plain,
    print_table,
)
from annotate.cli.serving import PORT, start
from annotate.cli.workspace import create
from annotate.errors import JobError
from annotate.jobs.demo import demo_report, run_demo
from annotate.jobs.evaluate_rag import CUTOFFS
from annotate.jobs.stages import Done
from annotate.settings import SETTINGS_FILE
from rag.retrieval import DEFAULT_MODE


def demo(
    workspace: WorkspaceOption = Path("workspace"),
    no_ui: Annotated[bool, typer.Option("--no-ui", help="End after the report.")] = False,
    report_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the report to a file.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the screens.")] = PORT,
) -> None:
    """Close the whole loop once on real documents, print what came out, and open the screens."""
    if not (workspace / SETTINGS_FILE).exists():
        create(workspace)
    context = open_context(workspace)
    done: list[Done] = []
    for stage in run_demo(context, Terminal()):
        done.append(stage)
        took = "done earlier" if stage.earlier else f"{stage.seconds:.1f} s"
        errors.print(f"  ✓ {stage.name:<20} {took}")
    report = demo_report(context, done)
    _print(report)
    if report_file:
        _write(report_file, report)
    if not no_ui:
        start(workspace, port)


def _write(file: Path, report: dict[str, Any]) -> None:
    try:
        file.write_text(
            json.dumps(plain(report), ensure_ascii=False, indent=2, allow_nan=False) + "\n", "utf-8"
        )
    except OSError as error:
        raise JobError(f"{file}: cannot be written: {error.strerror}") from error


def _print(report: dict[str, Any]) -> None:
    out.print()
    out.print(f"{report['documents']} documents, {report['chunks']} chunks; {report['questions']} questions, "
              f"{report['pairs']} answer pairs")  # fmt: skip
    found = report["retrieval"]["all"][DEFAULT_MODE]
    shares = (f"{found[f'hit_rate@{cutoff}']['value']:.0%} at {cutoff}" for cutoff in CUTOFFS)
    out.print(f"Right document among the first passages: {', '.join(shares)}")
    judged = ", ".join(f"{name} (machine): {count}" for name, count in report["judgements"].items())
    out.print(
        f"{report['selected']} pairs selected; judgements: {judged}; {report['preferences']} preferences"
    )
    out.print(f"Agreement, Krippendorff's α: {interval(report['agreement']['alpha'])}")
    print_table(
        "Gaps",
        ("cluster", "lacks", "severity", "do"),
        [(gap["name"], gap["kind"], gap["severity"], gap["action"]) for gap in report["gaps"][:8]],
    )
    reward = report["reward"]
    for title, found in (("Reward head", reward["head"]), ("Reward model (LoRA)", reward)):
        figures = {"value": found["accuracy"], "ci": found["ci"], "n": found["test"]}
        out.print(f"{title}, held-out accuracy: {interval(figures)} ({found['train']} pairs for training)")
    dpo = report["dpo"]
    out.print(f"DPO: {dpo['pairs']} pairs, {dpo['steps']} steps, first loss {dpo['first_loss']:.4f}, "
              f"held-out margin {interval(dpo, 'margin')}")  # fmt: skip
    out.print(f"Win rate of the new policy: {interval(report['win_rate'])}")
    out.print(report["reason"].capitalize(), style="bold")
    out.print(f"Work done in {sum(report['seconds'].values()):.0f} s, all stages together")
