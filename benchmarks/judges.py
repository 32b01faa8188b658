"""Measure the built-in judges on pairs that people have judged, beside people and other judges.

    python -m benchmarks.judges [--quick] [--fresh] [--data ../shared/data]

PandaLM has three people a pair, so each of them can be held against the other two where these agree: the
ceiling. A judge is held against the same two, so that both face the same pairs; GPT-3.5 and PandaLM-7B come
with the data. QA-Feedback has one person a pair and no ceiling. One pair a question is drawn by lot; every
judge takes them in the same order until its time is up, so a slow one judges fewer. All texts are English.
The language model is SmolLM2-135M-Instruct, the smallest there is: a larger one is a setting. The reward
head is trained on the pairs of other questions. Interrupt it and start it again: judged pairs are kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from sklearn.metrics import cohen_kappa_score

from annotate.labelers import HeuristicLabeler, Labeler, LikelihoodLabeler, LlmLabeler, RewardLabeler
from annotate.labelers.base import MachineJudgement
from annotate.labelers.llm import LocalModel
from annotate.labelling.guidelines import GuidelineVersion
from annotate.labelling.verdicts import outcome
from annotate.labelling.views import PairView
from benchmarks.judges_data import Item, majority, read_pandalm, read_qa_feedback
from benchmarks.results import WORK, Row, publish

SEED, DRAWS = 7, 1000
_ROOT = Path(__file__).parents[1]
READERS = {"pandalm": read_pandalm, "qa_feedback": read_qa_feedback}
SECONDS = {"heuristic": 25.0, "likelihood": 60.0, "llm-judge": 80.0, "reward-model": 15.0}
TRAIN_PAIRS = 400
WINNERS = ("first", "second")
Verdicts = dict[str, dict[str, Any]]
Statistic = Callable[[NDArray[np.str_], NDArray[np.str_]], float]


def main() -> None:
    """Let every judge judge, and print and write how far each agrees with people."""
    parser = argparse.ArgumentParser(description="Measure the built-in judges beside people.")
    parser.add_argument("--quick", action="store_true", help="a few pairs; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was judged before")
    parser.add_argument("--data", type=Path, default=_ROOT / ".." / "shared" / "data")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"no data at {options.data}: name the folder of the data sets with --data")
    work = WORK / ("judges-quick" if options.quick else "judges")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    rows: list[Row] = []
    for name, read in READERS.items():
        items = read(options.data / name)
        drawn, rest = draw(items, 12 if options.quick else 200)
        models = Models(name, rest[: 100 if options.quick else None], work)
        said = {
            judge: judge_all(
                work / f"{name}-{judge}.jsonl", drawn, make, SECONDS[judge] / (9 if options.quick else 1)
            )
            for judge, make in models.makers().items()
        }
        rows += measure(name, drawn, said)
    publish("judges", rows, write=not options.quick)


def draw(items: Sequence[Item], size: int) -> tuple[list[Item], list[Item]]:
    """Return one pair a question for so many questions, by lot, and all pairs of the other questions.

    A third of the questions at least is left: the reward head is trained on theirs.
    """
    rng = np.random.default_rng(SEED)
    drawn: dict[str, Item] = {}
    size = min(size, 2 * len({item.question for item in items}) // 3)
    for at in rng.permutation(len(items)):
        if items[at].question not in drawn and items[at].majority and len(drawn) < size:
            drawn[items[at].question] = items[at]
    return list(drawn.values()), [item for item in items if item.question not in drawn]


class Models:
    """Make the judges of one data set; weights are fetched on first use."""

    def __init__(self, data: str, rest: Sequence[Item], work: Path) -> None:
        from rag.embedders import LocalEmbedder
        from rag.models.defaults import fetch_e5_small, fetch_smollm2

        self._data, self._rest, self._work = data, rest, work
        self._cache = Path.home() / ".cache" / "pairloop" / "models"
        self._gguf = fetch_smollm2(self._cache)
        self._embedder = LocalEmbedder(fetch_e5_small(self._cache))

    def makers(self) -> dict[str, Callable[[], Labeler]]:
        """Return what makes each judge."""
        return {
            "heuristic": lambda: HeuristicLabeler(
                lambda texts: np.asarray(self._embedder.embed_passages(list(texts)), np.float32),
                self._embedder.fingerprint,
            ),
            "reward-model": self._reward_head,
            "likelihood": self._likelihood,
            "llm-judge": self._llm,
        }

    def _llm(self) -> Labeler:
        from rag import OpenVinoGenerator

        # PandaLM's pairs are instructions of any kind, not sourced answers: our guideline is not about them.
        guideline = None if self._data == "pandalm" else _guideline()
        return LlmLabeler(LocalModel(OpenVinoGenerator(self._gguf)), guideline=guideline)

    def _likelihood(self) -> Labeler:
        from rag.generators.likelihood import LikelihoodScorer
        from training.gguf_import import import_gguf

        folder = import_gguf(self._gguf, self._cache / "smollm2-135m-instruct-hf")
        return LikelihoodLabeler(LikelihoodScorer(folder, "smollm2"))

    def _reward_head(self) -> Labeler:
        from training import PreferenceRow, parse_recipe, train, write_rows
        from training.kinds.reward_head import load_reward_head

        folder = self._work / f"{self._data}-reward-head"
        decided = [item for item in self._rest if item.majority in WINNERS]
        rows = []
        for item in decided[:: max(1, len(decided) // TRAIN_PAIRS)][:TRAIN_PAIRS]:
            sides = (item.pair.a.text, item.pair.b.text)
            chosen, rejected = sides if item.majority == "first" else sides[::-1]
            if chosen.strip() and rejected.strip():
                prompt = [{"role": "user", "content": item.pair.question}]
                row = PreferenceRow(
                    id=item.key,
                    question_id=item.question,
                    prompt=prompt,
                    chosen=chosen,
                    rejected=rejected,
                )
                rows.append(row)
        write_rows(folder / "train.jsonl", rows)
        recipe = {
            "kind": "reward_head",
            "base": str(self._embedder.folder),
            "train_rows": str(folder / "train.jsonl"),
            "seed": SEED,
        }
        train(parse_recipe(recipe | self._embedder.prefixes), folder)
        head = load_reward_head(folder / "model")

        def score(pairs: Sequence[PairView]) -> NDArray[np.float64]:
            answers = [answer.text for pair in pairs for answer in (pair.a, pair.b)]
            return head.score([pair.question for pair in pairs for _ in "ab"], answers).reshape(-1, 2)

        return RewardLabeler(score, "trained here")


def judge_all(file: Path, items: Sequence[Item], make: Callable[[], Labeler], seconds: float) -> Verdicts:
    """Return what a judge says of the items, in order, until its time is up; what it said before is kept."""
    file.parent.mkdir(parents=True, exist_ok=True)
    known = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
    said: Verdicts = {row["key"]: row for row in known}
    left = [item for item in items if item.key not in said]
    spent = sum(row["seconds"] for row in known)
    if not left or spent >= seconds:
        return said
    labeler = make()
    labeler.judge([items[0].pair])  # weights load before the clock runs
    with file.open("a", encoding="utf-8") as lines:
        for item in track(left, description=file.stem):
            if spent >= seconds:
                break
            started = time.perf_counter()
            [found] = labeler.judge([item.pair])
            took = time.perf_counter() - started
            spent += took
            row: dict[str, Any] = {"key": item.key, "seconds": took, "outcome": "no verdict", "bias": None}
            if isinstance(found, MachineJudgement):
                row["outcome"] = outcome(found.verdict).replace("both_bad", "tie")
                row["bias"] = found.details.get("position_bias")
            said[item.key] = row
            lines.write(json.dumps(row) + "\n")
            lines.flush()
    return said


def measure(data: str, items: Sequence[Item], said: dict[str, Verdicts]) -> list[Row]:
    """Return the rows of one data set: agreement and κ of each judge, time a pair, bias towards a place."""
    outcomes = {name: {key: row["outcome"] for key, row in found.items()} for name, found in said.items()}
    for name in items[0].given:
        outcomes[name] = {item.key: item.given[name] for item in items}
    rows = []
    for name, found in outcomes.items():
        judged = [item for item in items if item.key in found]
        rows += _agreement(f"{data}: {name}", judged, found)
    for name, verdicts in said.items():
        times = [row["seconds"] for row in verdicts.values()]
        rows.append(Row(f"{data}: {name}, seconds a pair (median of {len(times)})", float(np.median(times))))
        biases = [row["bias"] for row in verdicts.values() if row["bias"] is not None]
        if biases:
            rows.append(Row(f"{data}: {name}, probability that the left place gains", float(np.mean(biases))))
    return rows


def _agreement(name: str, items: Sequence[Item], found: dict[str, str]) -> list[Row]:
    """Hold a judge and each person against the other people, pair by pair."""
    judge, person, truth, units = [], [], [], []
    for unit, item in enumerate(items):
        for at, own in enumerate(item.people):
            others = item.people[:at] + item.people[at + 1 :] or item.people
            if (wanted := majority(others)) is None:
                continue
            judge.append(found[item.key])
            person.append(own if len(item.people) > 1 else "")
            truth.append(wanted)
            units.append(unit)
    columns = [np.array(column) for column in (judge, person, truth)]
    groups = np.array(units)
    has_ceiling = len(items[0].people) > 1
    rows = []
    for measure_name, statistic in MEASURES.items():
        ours, low, high = _interval(statistic, columns[0], columns[2], groups)
        if not np.isfinite(ours):  # it never names a winner
            continue
        text = f"{name}, {measure_name} [{low:.2f}, {high:.2f}], {len(items)} pairs"
        if has_ceiling:
            ceiling = _interval(statistic, columns[1], columns[2], groups)
            text += f"; a person [{ceiling[1]:.2f}, {ceiling[2]:.2f}]"
            rows.append(Row(text, ours, ceiling[0], ours / ceiling[0]))
        else:
            rows.append(Row(text, ours))
    return rows


def _decided(one: NDArray[np.str_], other: NDArray[np.str_]) -> float:
    """Return how often two are of one mind where both name a winner; nan where they never do."""
    winners = np.isin(one, WINNERS) & np.isin(other, WINNERS)
    return float(np.mean(one[winners] == other[winners])) if winners.any() else float("nan")


def _share(one: NDArray[np.str_], other: NDArray[np.str_]) -> float:
    return float(np.mean(one == other))


def _kappa(one: NDArray[np.str_], other: NDArray[np.str_]) -> float:
    if len({*one, *other}) < 2:
        return float("nan")
    return float(cohen_kappa_score(one, other))


MEASURES: dict[str, Statistic] = {
    "agreement with people": _share,
    "κ with people": _kappa,
    "right where it and people name a winner": _decided,
}


def _interval(
    statistic: Statistic,
    one: NDArray[np.str_],
    other: NDArray[np.str_],
    units: NDArray[np.int_],
) -> tuple[float, float, float]:
    """Return a statistic with its 95 % percentile interval over resampled pairs."""
    rng = np.random.default_rng(SEED)
    members = [np.flatnonzero(units == unit) for unit in np.unique(units)]
    drawn = []
    for _ in range(DRAWS if len(members) > 30 else 200):
        rows = np.concatenate([members[at] for at in rng.integers(len(members), size=len(members))])
        drawn.append(statistic(one[rows], other[rows]))
    known = [value for value in drawn if np.isfinite(value)] or [np.nan]
    low, high = np.quantile(known, [0.025, 0.975])
    return statistic(one, other), float(low), float(high)


def _guideline() -> GuidelineVersion:
    folder = _ROOT / "instructions"
    texts = {f"{file.parent.name}/{file.stem}": file.read_text("utf-8") for file in folder.glob("*/*.md")}
    return GuidelineVersion(0, "benchmark", texts)


if __name__ == "__main__":
    main()
