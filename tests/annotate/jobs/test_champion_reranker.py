"""The champion of the registry reranks, answers say so, and one that is gone costs a line."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from annotate.jobs.context import ChampionReranker, Context
from annotate.jobs.ingest import ingest_path
from annotate.jobs.models import record_decision, register_model, roll_back
from annotate.jobs.pairs import answer_record, contender_print
from annotate.settings import SETTINGS_FILE
from rag import CrossEncoderReranker, RewardHeadReranker
from tests.annotate.conftest import put_blank
from tests.small_berts import small_config, word_tokenizer

CONTENDER = """
[[contenders]]
name = "plain"
passages = 3
max_new_tokens = 4
"""
WORDS = ["the", "library", "opens", "at", "nine", "on", "weekdays", "goods", "can", "be", "returned"]
QUESTION = "When does the library open?"
Promote = Callable[[Context, str, Path], str]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / SETTINGS_FILE).write_text(CONTENDER + "rerank = 3\n", "utf-8")
    put_blank(folder)
    return folder


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    opened = Context.open(workspace)
    yield opened
    opened.store.engine.dispose()


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    return make_encoder(tmp_path / "encoder")


@pytest.fixture
def promote() -> Promote:
    """Register what a run left as the champion of a role; give its fingerprint."""
    from training.fingerprints import weights_fingerprint

    def now(context: Context, role: str, folder: Path) -> str:
        found = weights_fingerprint(folder / "model")
        number = register_model(context.store, role, folder, found, run_id=None, metrics={})
        record_decision(context.store, number, promoted=True, reason="by a test", evidence={})
        return found

    return now


def make_encoder(folder: Path, seed: int = 0) -> Path:
    """Write what a run of the kind `reranker` leaves, with the weights it starts from."""
    import torch
    from transformers import BertForSequenceClassification

    tokenizer = word_tokenizer(WORDS)
    torch.manual_seed(seed)
    config = small_config(tokenizer, num_labels=1, initializer_range=0.5)
    BertForSequenceClassification(config).save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    return folder


@pytest.mark.models
def test_the_champion_ranks_the_passages_and_every_answer_names_it(
    context: Context, documents: Path, encoder: Path, promote: Promote
) -> None:
    fingerprint = promote(context, "reranker", encoder)
    ingest_path(context, documents, "town")
    retriever = context.retriever()
    [(contender, _)] = context.contenders()
    [found] = retriever.explain([QUESTION], settings=contender.retrieval)
    [step] = [step for step in found.steps if step.name == "rerank"]
    assert step.note == f"3 by {fingerprint}"
    chunks = {chunk.id: chunk.searchable for chunk in context.corpus.chunks()}
    texts = [chunks[hit.chunk_id] for hit in step.hits]
    theirs = CrossEncoderReranker(encoder / "model").score(QUESTION, texts)
    assert [hit.score for hit in step.hits] == pytest.approx(sorted(theirs, reverse=True))

    [answer] = context.answerer(retriever, context.generator("default")).answer([QUESTION], contender)
    assert answer_record(answer).circumstances["reranker"] == fingerprint


def test_a_new_champion_takes_over_and_makes_another_contender(
    context: Context, encoder: Path, promote: Promote, tmp_path: Path
) -> None:
    assert context.reranker is None
    prints = []
    made = [promote(context, "reranker", encoder)]
    prints.append(print_of(context))
    made.append(promote(context, "reranker", make_encoder(tmp_path / "second", seed=1)))
    prints.append(print_of(context))
    assert context.reranker is not None
    assert context.reranker.fingerprint == made[1] != made[0]
    assert roll_back(context.store, "reranker", by="ada") == made[0]
    assert context.reranker.fingerprint == made[0]
    assert prints[0] != prints[1]
    assert print_of(context) == prints[0]


def print_of(context: Context) -> str:
    return contender_print(context.contenders()[0][0], "model", context.reranker)


def test_a_champion_that_is_gone_costs_a_line_and_no_answer(
    context: Context, encoder: Path, promote: Promote, caplog: pytest.LogCaptureFixture
) -> None:
    promote(context, "reranker", encoder)
    shutil.rmtree(encoder)
    with caplog.at_level(logging.WARNING):
        assert context.reranker is None
        [(contender, _)] = context.contenders()
        assert context.reranker is None
    assert contender.rerank == 0
    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith("model 1, the champion of the role reranker, does not rerank")
    assert str(encoder) in line
    assert "\n" not in line


@pytest.mark.models
def test_the_reward_head_stands_in(
    context: Context, encoder: Path, promote: Promote, e5_folder: Path, tmp_path: Path
) -> None:
    head = make_head(tmp_path / "head", e5_folder)
    own = promote(context, "reward_head", head)
    assert isinstance(context.reranker, ChampionReranker)
    assert context.reranker.fingerprint == own
    assert isinstance(context.reranker.weights, RewardHeadReranker)
    better = promote(context, "reranker", encoder)
    assert context.reranker.fingerprint == better
    shutil.rmtree(encoder)
    anew = Context(context.workspace)
    assert anew.reranker is not None
    assert anew.reranker.fingerprint == own
    assert anew.contenders()[0][0].rerank == 3
    anew.store.engine.dispose()


def make_head(folder: Path, embedder: Path) -> Path:
    """Train a head on four pairs, as a run does."""
    from training.recipe import parse_recipe
    from training.rows import PreferenceRow, write_rows
    from training.runs import train

    rows = [
        PreferenceRow(
            id=f"r{n}",
            question_id=f"q{n}",
            prompt=[{"role": "user", "content": f"What colour is house {n}?"}],
            chosen=f"House {n} is red, as the sign says.",
            rejected=f"Nobody knows anything of house {n}.",
        )
        for n in range(4)
    ]
    folder.mkdir()
    write_rows(folder / "train.jsonl", rows)
    recipe = {"kind": "reward_head", "base": embedder, "train_rows": folder / "train.jsonl"}
    train(parse_recipe(recipe), folder / "run")
    return folder / "run"


def test_who_does_not_rerank_opens_no_champion(
    workspace: Path, encoder: Path, promote: Promote, context: Context
) -> None:
    promote(context, "reranker", encoder)
    (workspace / SETTINGS_FILE).write_text(CONTENDER, "utf-8")
    plain = Context.open(workspace)
    assert plain.reranker is None
    plain.store.engine.dispose()


def test_the_settings_come_before_the_champion(
    workspace: Path, encoder: Path, promote: Promote, context: Context, tmp_path: Path
) -> None:
    promote(context, "reranker", encoder)
    mine = make_encoder(tmp_path / "mine", seed=2) / "model"
    (workspace / SETTINGS_FILE).write_text(f'[models]\nreranker = "{mine}"\n{CONTENDER}rerank = 3\n', "utf-8")
    named = Context.open(workspace)
    assert named.reranker is not None
    assert named.reranker.fingerprint == CrossEncoderReranker(mine).fingerprint
    named.store.engine.dispose()
