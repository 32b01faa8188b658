"""Measure the export of judgements: peak memory at two sizes, rows a second, beside a plain `json.dump`.

    python -m benchmarks.ledger_export [--quick] [--fresh]

The ledger is synthetic: rows of plausible length, in Russian and English, put in by bulk inserts, five
judgements a pair. Each export runs in a process of its own, whose peak resident memory counts. The
peer loads all judgements through the ORM with their texts and dumps one list; it is measured at the
small size only, since its memory grows with the rows. `benchmarks.ledger` reports these figures
with the other ones of the ledger. Interrupt it and start it again: what is finished is kept.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.progress import Progress
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchmarks.results import WORK, Row, kept, publish

if TYPE_CHECKING:
    from annotate.store import Store

SIZES = (100_000, 1_000_000)
QUICK_SIZES = (2_000, 20_000)
VOTES = 5  # judgements a pair
GROWTH = 1.2  # times the memory that ten times the rows may take
VERDICTS = ("A_much_better", "A_better", "tie", "B_better", "both_bad")
_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_CHUNK = 2_000  # pairs put in at a time
_WORDS = ["ответ", "источник", "документ", "вопрос", "дата", "answer", "source", "passage", "rule", "law"]


def main() -> None:
    """Measure, print the rows; the results are written by `benchmarks.ledger`."""
    parser = argparse.ArgumentParser(description="Measure the export of judgements.")
    parser.add_argument("--quick", action="store_true", help="2,000 and 20,000 judgements")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--measure", nargs=2, metavar=("SIDE", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure[0], Path(options.measure[1]))))
        return
    work = WORK / ("ledger-export-quick" if options.quick else "ledger-export")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    publish("ledger_export", measure_export(work, quick=options.quick), write=False)


def measure_export(work: Path, *, quick: bool = False) -> list[Row]:
    """Return the rows of the export, with ledgers made and measurements kept below `work`."""
    small, large = QUICK_SIZES if quick else SIZES
    for size in (small, large):
        make_ledger(work / str(size), size)
    ours = {
        size: kept(work / f"ours-{size}.json", partial(_run, "ours", work / str(size)))
        for size in (small, large)
    }
    peer = kept(work / f"peer-{small}.json", partial(_run, "peer", work / str(small)))
    rate, peer_rate = (found["rows"] / found["seconds"] for found in (ours[large], peer))
    growth = ours[large]["peak_mb"] / ours[small]["peak_mb"]
    return [
        Row(
            f"peak MB of an export of {large:,} synthetic judgements (the peer: of {small:,}, also ours)",
            ours[large]["peak_mb"], ours[small]["peak_mb"], growth, f"≤ {GROWTH:g} times", growth <= GROWTH,
        ),
        Row(
            f"peak MB of an export of {small:,} (the peer: json.dump of a list from the ORM)",
            ours[small]["peak_mb"], peer["peak_mb"], ours[small]["peak_mb"] / peer["peak_mb"],
        ),
        Row(
            f"judgements a second, {large:,} to JSON lines (the peer: json.dump, {small:,})",
            rate, peer_rate, rate / peer_rate,
        ),
    ]  # fmt: skip


def _run(side: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.ledger_export", "--measure", side, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measured(side: str, folder: Path) -> dict[str, Any]:
    """Return how many rows an export wrote, in which time and with how much memory at most."""
    export = {"ours": _ours, "peer": _peer}[side](folder)
    started = time.perf_counter()
    rows = export()
    return {"rows": rows, "seconds": time.perf_counter() - started, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    """Return the peak resident memory of this process; what the parent used does not count."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def _ours(folder: Path) -> Callable[[], int]:
    from annotate.bridges.formats import JUDGEMENTS
    from annotate.jobs.context import Context
    from annotate.jobs.exchange.exporting import export

    context = Context.open(folder)
    return lambda: export(context, "jsonl", folder / "ours.jsonl", content=JUDGEMENTS, overwrite=True)


def _peer(folder: Path) -> Callable[[], int]:
    from annotate.store import open_store

    store = open_store(f"sqlite:///{folder / 'pairloop.db'}")
    return lambda: _dump(store, folder / "peer.json")


def _dump(store: Store, target: Path) -> int:
    from annotate.store import Judgement

    with store.reading() as session:
        rows = [
            {
                "question": judgement.assignment.task.pair.question.text,
                "answer_a": judgement.assignment.task.pair.first.text,
                "answer_b": judgement.assignment.task.pair.second.text,
                "passages_a": judgement.assignment.task.pair.first.passages,
                "passages_b": judgement.assignment.task.pair.second.passages,
                "verdict": judgement.verdict,
                "assessor": judgement.assignment.assessor.name,
                "comment": judgement.comment,
                "details": judgement.details,
            }
            for judgement in session.scalars(select(Judgement)).all()
        ]
        with target.open("w", encoding="utf-8") as sink:
            json.dump(rows, sink, ensure_ascii=False)
    return len(rows)


def make_ledger(folder: Path, judgements: int) -> None:
    """Make a workspace with this many synthetic judgements, unless it is there already."""
    from annotate.settings import SETTINGS_FILE
    from annotate.store import open_store

    done = folder / "made"
    if done.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / SETTINGS_FILE).write_text("", "utf-8")
    store = open_store(f"sqlite:///{folder / 'pairloop.db'}")
    rng = np.random.default_rng(0)
    with Progress() as progress:
        bar = progress.add_task(f"making {judgements:,} judgements", total=judgements // VOTES)
        with store.writing.begin() as session:
            _put_bases(session)
            for first in range(1, judgements // VOTES + 1, _CHUNK):
                ids = range(first, min(first + _CHUNK, judgements // VOTES + 1))
                _put_pairs(session, ids, rng)
                progress.advance(bar, len(ids))
    store.engine.dispose()
    done.touch()


def _put_bases(session: Session) -> None:
    from annotate.store import Assessor, ContenderRecord, Guideline

    session.add(Guideline(id=1, content_hash="synthetic", texts={}))
    for number in range(1, VOTES + 1):
        session.add(Assessor(id=number, name=f"assessor-{number}", kind="person", languages=["en", "ru"]))
    for number in (1, 2):
        session.add(
            ContenderRecord(id=number, name=f"contender-{number}", fingerprint=str(number), settings={})
        )
    session.flush()


def _put_pairs(session: Session, ids: range, rng: np.random.Generator) -> None:
    from annotate.store import AnswerRecord, Assignment, Judgement, Pair, Question, Task

    votes = [(pair, vote) for pair in ids for vote in range(1, VOTES + 1)]
    questions = [{"id": n, "key": f"q{n}", "text": _text(rng, 8), "language": "en"} for n in ids]
    pairs = [{"id": n, "question_id": n, "first_id": 2 * n - 1, "second_id": 2 * n} for n in ids]
    tasks = [{"id": n, "campaign_id": 1, "pair_id": n, "overlap": VOTES, "people_places": VOTES} for n in ids]
    session.execute(insert(Question), questions)
    session.execute(insert(AnswerRecord), _answers(ids, rng))
    session.execute(insert(Pair), pairs)
    session.execute(insert(Task), tasks)
    session.execute(insert(Assignment), [_assignment(pair, vote) for pair, vote in votes])
    verdicts = rng.choice(VERDICTS, len(votes)).tolist()
    judgements = [_judgement(*place, verdict) for place, verdict in zip(votes, verdicts, strict=True)]
    session.execute(insert(Judgement), judgements)


def _answers(ids: range, rng: np.random.Generator) -> list[dict[str, Any]]:
    passage: dict[str, Any] = {
        "chunk": 1,
        "document": "d",
        "title": "t",
        "text": _text(rng, 60),
        "text_hash": "0",
    }
    passage |= {"score": 1.0, "similarity": 0.5, "published": None}
    fixed: dict[str, Any] = {"sentences": [], "passages": [passage], "prompt": []}
    fixed |= {"model_fingerprint": "", "index_fingerprint": ""}
    return [
        {"id": 2 * n + side - 2, "question_id": n, "contender_id": side, "text": _text(rng, 50)} | fixed
        for n in ids
        for side in (1, 2)
    ]


def _assignment(pair: int, vote: int) -> dict[str, Any]:
    return {
        "id": VOTES * (pair - 1) + vote,
        "task_id": pair,
        "assessor_id": vote,
        "state": "submitted",
        "swapped": bool(vote % 2),
        "reserved_at": _MOMENT,
        "expires_at": _MOMENT,
    }


def _judgement(pair: int, vote: int, verdict: str) -> dict[str, Any]:
    return {
        "assignment_id": VOTES * (pair - 1) + vote,
        "client_key": f"{pair}-{vote}",
        "verdict": verdict,
        "aspects": {"faithfulness": "A"},
        "comment": "ясно",
        "confidence": None,
        "guideline_id": 1,
        "channel": "ui",
        "seconds": 12.0,
    }


def _text(rng: np.random.Generator, words: int) -> str:
    return " ".join(rng.choice(_WORDS, words))


if __name__ == "__main__":
    main()
