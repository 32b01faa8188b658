"""Close the loop once: documents in, pairs, labels, models, and a verdict on the tuned policy.

Every stage is resumable, and none is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from annotate.jobs.cluster import find_question_gaps
from annotate.jobs.context import Context
from annotate.jobs.evaluate import evaluate_policy
from annotate.jobs.evaluate_rag import evaluate_modes
from annotate.jobs.ingest import build_indexes, corpus_size, ingest_path, ingest_python_reference
from annotate.jobs.judges import LABELERS
from annotate.jobs.label import label_by_machine
from annotate.jobs.models import last_evidence
from annotate.jobs.pairs import make_missing_pairs
from annotate.jobs.progress import Reporter
from annotate.jobs.questions import put_questions, read_questions
from annotate.jobs.select import select_pairs
from annotate.jobs.stages import Done, run_stage
from annotate.jobs.train import train
from annotate.reports import report_progress, report_quality

QUESTIONS = Path(__file__).parent / "questions.jsonl"
DEMO_STAGES = (
    "models",
    "ingest",
    "index",
    "questions",
    "pairs",
    "retrieval",
    "select-cold",
    "label-cold",
    "select-uncertain",
    "label-uncertain",
    "gaps",
    "train-reward-head",
    "train-reward",
    "train-dpo",
    "evaluate",
)
RETRIEVAL_MODES = ("fusion", "dense", "lexical")
Work = Callable[[], dict[str, Any]]


def run_demo(context: Context, reporter: Reporter) -> Iterator[Done]:
    """Run the stages in order and yield each as it is done."""
    found: dict[str, dict[str, Any]] = {}
    for name in DEMO_STAGES:
        done = run_stage(context.store, "demo", name, _work(context, reporter, name, found))
        found[name] = done.result
        yield done


def demo_report(context: Context, stages: list[Done]) -> dict[str, Any]:
    """Join the numbers of all stages into one report."""
    found = {stage.name: stage.result for stage in stages}
    size, progress = corpus_size(context), report_progress(context.store)
    quality = report_quality(context.store, np.random.default_rng(context.settings.seed))
    head, reward, dpo = found["train-reward-head"], found["train-reward"], found["train-dpo"]
    win_rate = found["evaluate"]
    return {
        "documents": size["documents"],
        "chunks": size["chunks"],
        "questions": progress.questions,
        "pairs": progress.pairs,
        "retrieval": found["retrieval"],
        "selected": progress.tasks,
        "selection": [found["select-cold"], found["select-uncertain"]],
        "judgements": progress.judgements,
        "preferences": progress.preferences,
        "verdicts": quality.verdicts,
        "agreement": {
            "alpha": asdict(quality.alpha) if quality.alpha else None,
            "percent": asdict(quality.percent) if quality.percent else None,
            "assessors": [asdict(assessor) for assessor in quality.assessors],
        },
        "gaps": found["gaps"]["gaps"],
        "reward": _reward(reward) | {"head": _reward(head)},
        "dpo": {
            "pairs": dpo["rows"]["train"],
            "steps": dpo["steps"],
            "first_loss": dpo["first_loss"],
            "last_loss": dpo["last_loss"],
            **_measure(dpo, "margin"),
            "accuracy": _measure(dpo, "accuracy"),
        },
        "win_rate": {key: win_rate[key] for key in ("value", "ci", "n", "same_answers")},
        "promoted": win_rate["promoted"],
        "reason": win_rate["reason"],
        "seconds": {stage.name: stage.seconds for stage in stages},
    }


def _reward(result: dict[str, Any]) -> dict[str, Any]:
    found = _measure(result, "accuracy")
    return {
        "train": result["rows"]["train"],
        "test": found["n"],
        "accuracy": found["accuracy"],
        "ci": found["ci"],
    }


def _measure(result: dict[str, Any], name: str) -> dict[str, Any]:
    figures = result["metrics"][f"test_{name}"]
    return {name: figures["value"], "ci": [figures["low"], figures["high"]], "n": figures["n"]}


def _work(context: Context, reporter: Reporter, name: str, found: dict[str, dict[str, Any]]) -> Work:
    """Return the work of a stage; `found` holds what the stages before it gave."""
    settings = context.settings.demo
    works: dict[str, Work] = {
        "models": lambda: _models(context, reporter),
        "ingest": lambda: _ingest(context, reporter),
        "index": lambda: {"fingerprint": build_indexes(context, reporter)},
        "questions": lambda: _questions(context),
        "pairs": lambda: _pairs(context, reporter),
        "retrieval": lambda: _retrieval(context, reporter),
        "select-cold": lambda: _select(context, reporter, settings.cold_start),
        "label-cold": lambda: _label(context, reporter),
        "select-uncertain": lambda: _select(context, reporter, settings.cold_start + settings.uncertain),
        "label-uncertain": lambda: _label(context, reporter),
        "gaps": lambda: find_question_gaps(context),
        "train-reward-head": lambda: train(context, "reward_head", reporter=reporter),
        "train-reward": lambda: train(context, "reward", reporter=reporter),
        "train-dpo": lambda: train(context, "dpo", reporter=reporter),
        "evaluate": lambda: _evaluate(context, reporter, int(found["train-dpo"]["model_number"])),
    }
    return works[name]


def _models(context: Context, reporter: Reporter) -> dict[str, Any]:
    """Fetch and convert the default models, if they are not in the cache of this machine."""
    with reporter.track("fetching models"):
        context.embedder.embed_queries([""])  # the first call converts the model
        return {
            "embedder": context.embedder.fingerprint,
            "generator": context.generator("default").fingerprint,
        }


def _ingest(context: Context, reporter: Reporter) -> dict[str, Any]:
    python = ingest_python_reference(context, context.settings.demo.topics)
    guidelines = ingest_path(context, context.workspace.guidelines, "instructions", reporter)
    return {"python": python, "guidelines": guidelines} | corpus_size(context)


def _questions(context: Context) -> dict[str, Any]:
    questions = read_questions(QUESTIONS)
    # Every so-manieth question, so that a smaller demo still asks in both languages.
    wanted = min(context.settings.demo.questions, len(questions))
    chosen = [questions[at * len(questions) // wanted] for at in range(wanted)]
    return {"new": put_questions(context.store, chosen), "questions": len(chosen)}


def _retrieval(context: Context, reporter: Reporter) -> dict[str, Any]:
    report: dict[str, Any] = {}
    for row in evaluate_modes(context, modes=RETRIEVAL_MODES, reporter=reporter):
        report.setdefault(row["group"], {})[row["mode"]] = {"questions": row["cases"]} | row["measures"]
    return report


def _pairs(context: Context, reporter: Reporter) -> dict[str, Any]:
    made = make_missing_pairs(context, reporter=reporter)
    return made | {"pairs": report_progress(context.store).pairs}


def _select(context: Context, reporter: Reporter, tasks: int) -> dict[str, Any]:
    """Fill up to a number of tasks, so that a selection cut off after its commit is not made twice."""
    missing = tasks - report_progress(context.store).tasks
    if missing <= 0:
        return {"selected": 0, "strategy": "", "cold_start": False, "audit": 0, "l2": None}
    with reporter.track("choosing pairs"):
        return select_pairs(context, missing)


def _label(context: Context, reporter: Reporter) -> dict[str, Any]:
    return {"labelers": [label_by_machine(context, name, reporter=reporter) for name in LABELERS]}


def _evaluate(context: Context, reporter: Reporter, model: int) -> dict[str, Any]:
    """Put the tuned policy to the gate, unless a decision was recorded before this stage was cut off."""
    known = last_evidence(context.store, model)
    return known or evaluate_policy(context, model, context.settings.demo.held_out, reporter)
