"""Best of n and rejection sampling: draw answers from a policy and keep what a reward model likes.

Best of n moves the policy by at most log n - (n - 1) / n nats (Beirami et al. 2024, arXiv 2401.01879).
Rejection sampling aims at pi(y) exp(r(y) / beta); how far that is from pi is estimated from the samples (Liu
et al. 2023, arXiv 2309.06657). Nothing is trained: rows come out, for `sft` and for `dpo`.
"""

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.errors import RowsError
from training.loading import load_policy, load_tokenizer, to_device
from training.metrics import Interval, bootstrap_by_question
from training.recipes import RejectionRecipe
from training.results import Outcome
from training.rewards.models import load_model_reward
from training.rows import DemonstrationRow, PreferenceRow, PromptRow, write_rows
from training.runs import Run
from training.sampling import Decoding, sample_answers

Floats = NDArray[np.float64]
DRAWN_FILE = "drawn.jsonl"
DEMONSTRATIONS_FILE = "demonstrations.jsonl"
PREFERENCES_FILE = "preferences.jsonl"


@dataclass(frozen=True)
class Judged:
    """Hold the answers drawn to one prompt that came to their end, each once, and their rewards.

    `drawn` counts the draws; the highest reward comes first.
    """

    row: PromptRow
    drawn: int
    answers: list[str]
    rewards: list[float]


def best_of_n_kl(n: int) -> float:
    """Give the most, in nats, that the best of n answers may be from the policy."""
    return math.log(n) - (n - 1) / n


def tilted_kl(rewards: Sequence[float], beta: float) -> float:
    """Estimate, in nats, how far pi exp(r / beta) is from pi, by the rewards of draws from pi; <= log n."""
    scaled = np.asarray(rewards, dtype=np.float64) / beta
    weights = np.exp(scaled - scaled.max())
    weights /= weights.sum()
    return float(np.sum(weights * np.log(np.maximum(weights * len(weights), np.finfo(float).tiny))))


def accepted(rewards: Sequence[float], beta: float, rng: np.random.Generator) -> list[int]:
    """Give the places of the answers rejection sampling keeps, at least that of the best; shape (<= n,)."""
    scores = np.asarray(rewards, dtype=np.float64)
    chances = np.exp((scores - scores.max()) / beta)
    return [int(place) for place in np.flatnonzero(rng.random(scores.size) <= chances)]


def train(recipe: RejectionRecipe, run: Run[PromptRow]) -> Outcome:
    """Draw, score, choose, and write the rows into RUN/model; a stopped run goes on with the next prompt.

    Raises RowsError where no answer came to its end, ModelError where `reward` is no reward model.
    """
    drawn = _draw_all(recipe, run)
    if not any(drawn):
        raise RowsError(
            f"no answer came to its end within {recipe.max_new_tokens} tokens; raise max_new_tokens"
        )
    run.progress.stage("scoring", answers=sum(map(len, drawn)))
    judged = _judge(recipe, run.train_rows, drawn)
    rng = np.random.default_rng(recipe.seed)
    kept = [(prompt, _chosen(recipe, prompt, rng)) for prompt in judged]
    _write(run, kept)
    metrics = _figures(recipe, kept)
    silent = [row.id for row, answers in zip(run.train_rows, drawn, strict=True) if not answers]
    before, after = metrics["drawn_reward"].value, metrics["kept_reward"].value
    return Outcome(0, -before, -after, metrics, silent)


def _draw_all(recipe: RejectionRecipe, run: Run[PromptRow]) -> list[list[str]]:
    """Give the finished answers to each prompt; those that RUN/drawn.jsonl has are not drawn again."""
    path = run.folder / DRAWN_FILE
    drawn = _read_drawn(path)
    model, tokenizer = to_device(load_policy(recipe.base)), load_tokenizer(recipe.base)
    decoding = Decoding(recipe.max_new_tokens, recipe.temperature, recipe.top_p)
    total = len(run.train_rows)
    with path.open("a", encoding="utf-8") as stream:
        for number in range(len(drawn), total):
            prompt = [run.train_rows[number].prompt]
            # Each prompt has a seed of its own, so that a run that goes on draws what it would have drawn.
            seed = int(np.random.SeedSequence((recipe.seed, number)).generate_state(1)[0])
            [answers] = sample_answers(
                model, tokenizer, prompt, recipe.samples, decoding, seed, recipe.batch_size
            )
            drawn.append([answer.text for answer in answers if answer.finished and answer.text])
            stream.write(json.dumps(drawn[-1], ensure_ascii=False) + "\n")
            stream.flush()
            run.progress.stage("sampling", prompt=number + 1, prompts=total)
    return drawn


def _read_drawn(path: Path) -> list[list[str]]:
    """Read the whole lines of an earlier attempt and cut off one that a kill left half written."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    if len(whole) < len(lines):
        path.write_text("".join(whole), encoding="utf-8")
    return [json.loads(line) for line in whole]


def _judge(
    recipe: RejectionRecipe, rows: Sequence[PromptRow], drawn: Sequence[Sequence[str]]
) -> list[Judged]:
    distinct = [list(dict.fromkeys(answers)) for answers in drawn]
    asked = [row for row, answers in zip(rows, distinct, strict=True) for _ in answers]
    score = load_model_reward(recipe.reward)
    rewards = iter(score(asked, [text for answers in distinct for text in answers]))
    judged = []
    for row, all_drawn, answers in zip(rows, drawn, distinct, strict=True):
        if not answers:
            continue
        scored = sorted(zip([float(next(rewards)) for _ in answers], answers, strict=True), reverse=True)
        texts, marks = [text for _, text in scored], [reward for reward, _ in scored]
        judged.append(Judged(row, len(all_drawn), texts, marks))
    return judged


def _chosen(recipe: RejectionRecipe, prompt: Judged, rng: np.random.Generator) -> list[int]:
    """Give the places of the answers kept; they are sorted, so the best is the first."""
    if recipe.beta is None:
        return [0]
    return accepted(prompt.rewards, recipe.beta, rng)[: recipe.keep]


def _write(run: Run[PromptRow], kept: Sequence[tuple[Judged, list[int]]]) -> None:
    demonstrations, preferences = [], []
    for prompt, places in kept:
        origin = {name: getattr(prompt.row, name) for name in ("question_id", "prompt", "language")}
        for place in places:
            lineage = {**prompt.row.lineage, "reward": prompt.rewards[place], "drawn": prompt.drawn}
            demonstrations.append(
                DemonstrationRow(
                    id=f"{prompt.row.id}-{place}", completion=prompt.answers[place], lineage=lineage, **origin
                )
            )
        if prompt.rewards[0] > prompt.rewards[-1]:
            lineage = {**prompt.row.lineage, "rewards": [prompt.rewards[0], prompt.rewards[-1]]}
            preferences.append(
                PreferenceRow(
                    id=prompt.row.id,
                    chosen=prompt.answers[0],
                    rejected=prompt.answers[-1],
                    lineage=lineage,
                    **origin,
                )
            )
    draft = run.model_folder.with_name("model.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    write_rows(draft / DEMONSTRATIONS_FILE, demonstrations)
    write_rows(draft / PREFERENCES_FILE, preferences)
    shutil.rmtree(run.model_folder, ignore_errors=True)
    draft.rename(run.model_folder)


def _figures(recipe: RejectionRecipe, kept: Sequence[tuple[Judged, list[int]]]) -> dict[str, Interval]:
    """Give the mean reward of all answers and of the kept ones, and how far they are from the policy."""
    rng = np.random.default_rng(recipe.seed)
    questions = [prompt.row.question_id for prompt, _ in kept]
    means = [float(np.mean(prompt.rewards)) for prompt, _ in kept]
    chosen = [float(np.mean([prompt.rewards[place] for place in places])) for prompt, places in kept]
    figures = {
        "drawn_reward": bootstrap_by_question(means, questions, rng),
        "kept_reward": bootstrap_by_question(chosen, questions, rng),
    }
    if recipe.beta is None:
        bound = best_of_n_kl(recipe.samples)
        return figures | {"kl_bound": Interval(bound, bound, bound, len(kept))}
    distances = [tilted_kl(prompt.rewards, recipe.beta) for prompt, _ in kept]
    return figures | {"kl_estimate": bootstrap_by_question(distances, questions, rng)}
