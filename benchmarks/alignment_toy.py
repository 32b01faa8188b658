"""Does the whole chain move a real policy the right way? Reward model, best of n, DPO, win rate.

    python -m benchmarks.alignment_toy [--quick]

SmolLM2 answers questions about one passage; the synthetic preference is "cites its source". A reward model
learns it from pairs, picks the best and the worst of n answers of the policy, and DPO learns from those. The
gold rule, which nothing was trained on, then compares the tuned policy with its start on other questions.
What an earlier start finished is taken up.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results import WORK, Row, kept, publish
from training.environment import prepare_environment

TOWNS = [
    "Arden",
    "Bexley",
    "Calder",
    "Dunmore",
    "Elswick",
    "Farley",
    "Garrow",
    "Haddon",
    "Ilford",
    "Jarrow",
    "Kelso",
    "Lanark",
    "Marlow",
    "Norwood",
    "Oakham",
    "Penrith",
    "Quorn",
    "Redcar",
    "Selby",
    "Thirsk",
    "Ulver",
    "Varley",
    "Wexford",
    "Yarm",
    "Ashby",
    "Burford",
    "Corby",
    "Denby",
    "Epworth",
    "Filey",
]
THINGS = ("museum", "library", "bridge", "theatre")
RULE = "Answer the question in one short sentence and name the source in brackets, like [1]."
PLAIN = ("It opened in {year}.", "The {thing} of {town} opened in {year}.", "That was in {year}.")
MINUTES = 10
HF_FOLDER = "smollm2-135m-instruct-hf"


@dataclass(frozen=True)
class Size:
    """Say how much is done.

    Pairs and steps for the reward model; prompts, answers a prompt and steps to tune; prompts to test on.
    """

    pairs: int
    reward_steps: int
    prompts: int
    samples: int
    steps: int
    tests: int


FULL, QUICK = Size(32, 18, 32, 12, 40, 32), Size(12, 4, 6, 4, 4, 6)
AT_ONCE = 24  # answers that are drawn in one batch: on a processor their number costs little


def main() -> None:
    """Run the chain and publish what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few prompts; writes no results")
    options = parser.parse_args()
    prepare_environment()
    size = QUICK if options.quick else FULL
    work = WORK / ("alignment-toy-quick" if options.quick else "alignment-toy")
    figures = kept(work / "figures.json", lambda: run_chain(work, size))
    publish("alignment_toy", list(_rows(figures)), write=not options.quick)


def run_chain(work: Path, size: Size) -> dict[str, Any]:
    """Train, sample, tune and compare; give every figure with the seconds of each stage."""
    from training.recipe import parse_recipe
    from training.runs import train

    base = _policy()
    _write_rows(work, size)
    figures: dict[str, Any] = {}
    for kind, keys in _recipes(base, work, size).items():
        result = train(parse_recipe({"kind": kind, **keys}), work / kind)
        figures[f"{kind}_seconds"] = result.seconds
        figures[kind] = {name: interval.value for name, interval in result.metrics.items()}
    started = time.monotonic()
    figures |= _compare(base, work / "dpo" / "model", work)
    figures["compare_seconds"] = time.monotonic() - started
    return figures


def _recipes(base: Path, work: Path, size: Size) -> dict[str, dict[str, Any]]:
    """Give the keys of each stage's recipe, in the order of the stages."""
    from training.kinds.rejection import PREFERENCES_FILE

    small = {"base": base, "gradient_accumulation": 4, "max_length": 256}
    return {
        "reward": {
            **small,
            "train_rows": work / "pairs.jsonl",
            "test_rows": work / "test-pairs.jsonl",
            "depth": 8,
            "lora": {"last_layers": 3},
            "learning_rate": 2e-3,
            "max_steps": size.reward_steps,
        },
        "rejection": {
            "base": base,
            "train_rows": work / "prompts.jsonl",
            "reward": work / "reward" / "model",
            "samples": size.samples,
            "max_new_tokens": 40,
            "batch_size": AT_ONCE,
        },
        "dpo": {
            **small,
            "train_rows": work / "rejection" / "model" / PREFERENCES_FILE,
            "lora": {"last_layers": 8, "r": 16, "alpha": 32},
            "learning_rate": 5e-4,
            "max_steps": size.steps,
        },
    }


def _compare(base: Path, tuned: Path, work: Path) -> dict[str, Any]:
    """Let start and tuned policy answer other questions, and judge them by the gold rule."""
    import numpy as np

    from training.loading import load_policy, load_tokenizer
    from training.metrics import bootstrap_by_question, pair_wins
    from training.rewards import CitationReward
    from training.rows import PromptRow, read_rows_of
    from training.sampling import Decoding, sample_answers

    rows = read_rows_of(PromptRow, work / "test-prompts.jsonl")
    gold, tokenizer = CitationReward(), load_tokenizer(base)
    cites, finished = [], []
    for folder in (base, tuned):
        drawn = sample_answers(
            load_policy(folder), tokenizer, [row.prompt for row in rows], 1, Decoding(40), seed=7
        )
        answers = [answer for [answer] in drawn]
        cites.append((gold(rows, [answer.text for answer in answers]) > 0).astype(float))
        finished.append(float(np.mean([answer.finished for answer in answers])))
    wins = pair_wins(cites[1], cites[0])
    rate = bootstrap_by_question(wins, [row.question_id for row in rows], np.random.default_rng(0))
    return {
        "win_rate": [rate.value, rate.low, rate.high, rate.n],
        "cites": [float(one.mean()) for one in cites],
        "finished": finished,
    }


def _write_rows(work: Path, size: Size) -> None:
    """Write pairs and prompts; towns of the tests appear nowhere else."""
    from training.rows import PreferenceRow, PromptRow, write_rows

    facts = [(town, thing) for thing in THINGS for town in TOWNS]
    kept_apart = [fact for fact in facts if fact[0] in TOWNS[-8:]]
    others = [fact for fact in facts if fact not in kept_apart]

    def pairs(chosen: list[tuple[str, str]]) -> list[PreferenceRow]:
        made = []
        for number, (town, thing) in enumerate(chosen):
            text = PLAIN[number % 3].format(town=town, thing=thing, year=_year(town, thing))
            prompt = _prompt(town, thing)
            key = f"{thing}-{town}"
            cited = f"{text[:-1]} [1]." if number % 2 else f"{text} [1]"
            made.append(PreferenceRow(id=key, question_id=key, prompt=prompt, chosen=cited, rejected=text))
        return made

    def prompts(chosen: list[tuple[str, str]]) -> list[PromptRow]:
        keys = [f"{thing}-{town}" for town, thing in chosen]
        return [
            PromptRow(id=key, question_id=key, prompt=_prompt(town, thing), passages=1)
            for key, (town, thing) in zip(keys, chosen, strict=True)
        ]

    write_rows(work / "pairs.jsonl", pairs(others[: size.pairs]))
    write_rows(work / "test-pairs.jsonl", pairs(kept_apart[: size.tests]))
    write_rows(work / "prompts.jsonl", prompts(others[size.pairs : size.pairs + size.prompts]))
    write_rows(work / "test-prompts.jsonl", prompts(kept_apart[: size.tests]))


def _prompt(town: str, thing: str) -> list[dict[str, str]]:
    passage = f"[1] The {thing} of {town} opened in {_year(town, thing)} and is visited by many."
    asked = f"Passage:\n{passage}\n\nQuestion: When did the {thing} of {town} open?"
    return [{"role": "system", "content": RULE}, {"role": "user", "content": asked}]


def _year(town: str, thing: str) -> int:
    return 1850 + (TOWNS.index(town) * 7 + THINGS.index(thing) * 31) % 150


def _policy() -> Path:
    """Give SmolLM2 as a folder that can be trained, made from its GGUF where it is not there yet."""
    from rag.models.defaults import fetch_smollm2
    from training.gguf_import import import_gguf

    named = os.environ.get("PAIRLOOP_MODELS__FOLDER")
    folder = Path(named) if named else Path.home() / ".cache" / "pairloop" / "models"
    return import_gguf(fetch_smollm2(folder), folder / HF_FOLDER)


def _rows(figures: dict[str, Any]) -> list[Row]:
    value, low, high, count = figures["win_rate"]
    before, after = figures["cites"]
    seconds = sum(figure for name, figure in figures.items() if name.endswith("_seconds"))
    rows = [
        Row(
            f"win rate of the tuned policy over its start, {count} questions [{low:.2f}, {high:.2f}]",
            value,
            target="lower bound > 0.5",
            holds=low > 0.5,
        ),
        Row("seconds, whole chain", seconds, target=f"<= {MINUTES * 60}", holds=seconds <= MINUTES * 60),
        Row("share of answers that cite, tuned against start", after, peer=before),
        Row("share of answers that end, tuned against start", figures["finished"][1], figures["finished"][0]),
        Row("accuracy of the reward model on other towns", figures["reward"]["test_accuracy"]),
        Row(
            "reward of the best of n against all drawn",
            figures["rejection"]["kept_reward"],
            figures["rejection"]["drawn_reward"],
        ),
    ]
    stages = ("reward", "rejection", "dpo", "compare")
    return rows + [Row(f"seconds, {stage}", figures[f"{stage}_seconds"]) for stage in stages]


if __name__ == "__main__":
    main()
