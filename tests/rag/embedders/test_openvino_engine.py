"""The fast engine against sentence-transformers on the real weights of e5."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.embedders import LocalEmbedder
from rag.embedders.openvino_engine import open_engine

TEXTS = [
    "Товар можно вернуть за две недели.",
    "short",
    "Goods can be returned within two weeks. " * 3,
    "ёж, щука и ANSWER 42\n\n\t€",
    "очень длинный текст " * 400,
    "",
]

pytestmark = pytest.mark.models


@pytest.fixture(scope="session")
def plain(e5_folder: Path) -> LocalEmbedder:
    return LocalEmbedder(e5_folder, engine="torch")


def copied(folder: Path, to: Path) -> Path:
    """Copy a model without what was made of it; the weights are linked."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("openvino-*", "*.safetensors"))
    for weights in folder.glob("*.safetensors"):
        (to / weights.name).symlink_to(weights)
    return to


def test_vectors_are_those_of_sentence_transformers(embedder: LocalEmbedder, plain: LocalEmbedder) -> None:
    for ours, theirs in (
        (embedder.embed_passages(TEXTS), plain.embed_passages(TEXTS)),
        (embedder.embed_queries(TEXTS), plain.embed_queries(TEXTS)),
    ):
        assert (ours * theirs).sum(axis=1).min() > 0.9999
    assert embedder.prefixes == plain.prefixes


def test_vectors_of_two_engines_never_mix(embedder: LocalEmbedder, plain: LocalEmbedder) -> None:
    assert embedder.fingerprint.startswith("ov-")
    assert plain.fingerprint.startswith("st-")
    assert embedder.fingerprint.rpartition("-")[2] == plain.fingerprint.rpartition("-")[2]


def test_a_text_has_one_vector_whatever_its_company(embedder: LocalEmbedder) -> None:
    many = [*TEXTS, *(f"question {n}" for n in range(20))]
    together = embedder.embed_passages(many)
    for text, vector in zip(many, together, strict=True):
        np.testing.assert_allclose(embedder.embed_passages([text])[0], vector, atol=1e-4)


def test_threads_and_batches_that_run_at_once_do_not_mix(embedder: LocalEmbedder) -> None:
    texts = [" ".join(f"word{n}" for n in range(1 + at % 23)) + f" {at}" for at in range(32)]
    one = np.concatenate([embedder.embed_passages([text]) for text in texts])
    seen: list[tuple[int, int]] = []
    with ThreadPoolExecutor(3) as threads:
        told = threads.submit(embedder.embed_passages, texts, lambda *done: seen.append(done))
        for made in [told, *(threads.submit(embedder.embed_passages, texts) for _ in range(3))]:
            np.testing.assert_allclose(made.result(), one, atol=1e-4)
    assert seen[-1] == (32, 32)
    assert len(seen) > 10
    assert seen == sorted(seen)


def test_a_folder_that_the_engine_does_not_fit_is_noted_and_left_to_sentence_transformers(
    e5_folder: Path, plain: LocalEmbedder, tmp_path: Path
) -> None:
    folder = copied(e5_folder, tmp_path / "model")
    (folder / "tokenizer.json").unlink()
    for _ in range(2):
        assert open_engine(folder, "digest", lambda: plain._model) is None
    [note] = folder.glob("openvino-*/engine.json")
    assert json.loads(note.read_text("utf-8")) == {"usable": False, "reason": "no tokenizer.json"}
    assert not list(folder.glob(".convert-*"))


@pytest.mark.slow
def test_a_model_that_reads_texts_in_another_way_is_noticed(
    e5_folder: Path, plain: LocalEmbedder, tmp_path: Path
) -> None:
    folder = copied(e5_folder, tmp_path / "model")
    settings = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    settings["normalizer"] = {"type": "Lowercase"}
    (folder / "tokenizer.json").write_text(json.dumps(settings), "utf-8")
    assert open_engine(folder, "digest", lambda: plain._model) is None
    [note] = folder.glob("openvino-*/engine.json")
    assert json.loads(note.read_text("utf-8"))["reason"].startswith("vectors differ")
    assert len(list(note.parent.iterdir())) == 1
