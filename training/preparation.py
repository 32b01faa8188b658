"""From rows to pairs a trainer may have: encoded, measured, guarded, and shown."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from training.encoding import EncodedPair, encode_pairs
from training.encoding_checks import check_encoding, check_template, check_untemplated
from training.errors import RowsError
from training.guards import check_not_swapped, decode_samples, drop_long
from training.label_guards import check_labels
from training.metrics import Interval
from training.recipes import TrainerRecipe
from training.rows import PreferenceRow
from training.runs import Run

SAMPLES_FILE, LENGTHS_FILE = "samples.json", "lengths.json"


@dataclass(frozen=True)
class Prepared:
    """Hold guarded pairs, the ids of rows too long for the recipe, and the baseline's view of the labels."""

    train: list[EncodedPair]
    test: list[EncodedPair]
    dropped_ids: list[str]
    metrics: dict[str, Interval]

    @property
    def test_questions(self) -> list[str]:
        """Give the question of each test pair, to bootstrap by."""
        return [pair.row.question_id for pair in self.test]

    def train_weights(self) -> list[float]:
        """Give the train pairs' weights scaled to a mean of 1, so the learning rate keeps its meaning."""
        weights = np.array([pair.row.weight for pair in self.train])
        if not weights.sum():
            raise RowsError("all train rows that are short enough have weight 0; there is nothing to learn")
        return [float(weight) for weight in weights / weights.mean()]


def prepare_pairs(
    recipe: TrainerRecipe, run: Run[PreferenceRow], tokenizer: PreTrainedTokenizerBase
) -> Prepared:
    """Encode and guard the run's rows; write RUN/samples.json (decoded) and RUN/lengths.json.

    Raises LengthError, ModelError and RowsError (see `guards`).
    """
    check_labels(run.train_rows)
    check_template(tokenizer)
    kept: list[list[EncodedPair]] = []
    dropped: list[str] = []
    lengths: dict[str, Any] = {}
    for side, rows in (("train", run.train_rows), ("test", run.test_rows)):
        check_untemplated(tokenizer, rows)
        pairs, report = drop_long(encode_pairs(tokenizer, rows), recipe.max_length)
        lengths[side] = report.as_values()
        report.refuse_above(recipe.max_dropped_share)
        check_encoding(tokenizer, pairs)
        kept.append(pairs)
        dropped += report.dropped_ids
    train, test = kept
    samples = json.dumps(decode_samples(tokenizer, train), ensure_ascii=False, indent=2)
    (run.folder / SAMPLES_FILE).write_text(samples + "\n", encoding="utf-8")
    (run.folder / LENGTHS_FILE).write_text(json.dumps(lengths, indent=1) + "\n", encoding="utf-8")
    tokens = [len(pair.chosen_text_ids) for pair in train]
    run.progress.stage("prepared", dropped=len(dropped), median_tokens=int(np.median(tokens)))
    return Prepared(train, test, dropped, _ask_baseline(recipe, run))


def _ask_baseline(recipe: TrainerRecipe, run: Run[PreferenceRow]) -> dict[str, Interval]:
    if recipe.baseline is None:
        return {}
    # Asked by few runs and slow to import.
    from training.kinds.reward_head import load_reward_head

    head = load_reward_head(recipe.baseline)
    questions = [row.question for row in run.train_rows]
    rate = check_not_swapped(
        head.score(questions, [row.chosen for row in run.train_rows]),
        head.score(questions, [row.rejected for row in run.train_rows]),
        [row.question_id for row in run.train_rows],
        np.random.default_rng(recipe.seed),
    )
    return {"baseline_win_rate": rate}
