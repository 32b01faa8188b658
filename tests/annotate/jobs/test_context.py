"""The settings choose the embedder: the one whose weights lie here, or a server over real HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from annotate.errors import SettingsError
from annotate.jobs.context import Context
from annotate.jobs.ingest import build_indexes, ingest_path
from annotate.settings import SETTINGS_FILE
from rag.embedders import LocalEmbedder
from tests.rag.model_server import ModelServer, serve

pytestmark = pytest.mark.models
ROOT = Path(__file__).parents[3]
QUESTION = "When does the library open?"
Open = Callable[[str], Context]


@pytest.fixture(scope="module")
def server(embedder: LocalEmbedder) -> Iterator[ModelServer]:
    with serve(None, embedder) as running:
        yield running


@pytest.fixture
def open_workspace(tmp_path: Path) -> Iterator[Open]:
    """Open the one workspace with other settings."""
    opened = []

    def make(settings: str) -> Context:
        (tmp_path / SETTINGS_FILE).write_text(settings, "utf-8")
        opened.append(Context.open(tmp_path))
        return opened[-1]

    yield make
    for context in opened:
        context.store.engine.dispose()


def remote(url: str, model: str = "e5", more: str = "") -> str:
    return (
        f'[models]\nembedder = "endpoint"\n[embedding_endpoint]\nbase_url = "{url}"\nmodel = "{model}"\n'
        f"max_retries = 0\n{more}\n"
    )


def test_documents_and_questions_are_embedded_by_the_server(
    server: ModelServer, open_workspace: Open, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAIRLOOP_API_KEY", "of-another-server")
    monkeypatch.setenv("PAIRLOOP_EMBEDDING_KEY", "of-this-one")
    context = open_workspace(remote(server.url, more='query_prefix = "query: "'))
    ingest_path(context, documents, "town")
    passages = context.retriever().retrieve([QUESTION], mode="dense")[0]
    assert passages[0].document_key == "town:library.md"
    assert set(server.keys) == {"Bearer of-this-one"}
    assert server.asked[-1]["input"] == [f"query: {QUESTION}"]
    asked = len(server.asked)
    context.embedder.embed_queries([QUESTION])
    assert len(server.asked) == asked, "the question was asked before"


def test_another_embedder_is_another_index(
    server: ModelServer, open_workspace: Open, documents: Path
) -> None:
    context = open_workspace("")
    ingest_path(context, documents, "town")
    local = build_indexes(context)
    ways = {"e5": "", "e5-large": "", "e5-prefixed": 'passage_prefix = "passage: "'}
    built = [build_indexes(open_workspace(remote(server.url, *way))) for way in ways.items()]
    assert len({local, *built}) == 4
    asked = len(server.asked)
    assert build_indexes(open_workspace(remote(server.url))) == built[0]
    assert len(server.asked) == asked, "the vectors are kept"


def test_what_needs_weights_here_takes_the_default_ones(
    server: ModelServer, open_workspace: Open, embedder: LocalEmbedder
) -> None:
    context = open_workspace(remote(server.url, more='[ingestion]\nchunker = "tokens"'))
    assert context.local_embedder.folder == embedder.folder
    assert context.preparation.chunker.version.startswith("tokens-")
    assert open_workspace("").embedder.fingerprint == embedder.fingerprint


def test_semantic_chunks_are_cut_by_the_embedder_of_the_settings(
    server: ModelServer, open_workspace: Open, documents: Path
) -> None:
    context = open_workspace(remote(server.url, more='[ingestion]\nchunker = "semantic"'))
    assert context.embedder.fingerprint in context.preparation.chunker.version
    assert ingest_path(context, documents, "town")["changed"] == 3


def test_an_endpoint_without_address_or_model_is_said(open_workspace: Open) -> None:
    with pytest.raises(SettingsError, match=r"base_url and model under \[embedding_endpoint\]"):
        _ = open_workspace('[models]\nembedder = "endpoint"').embedder


@pytest.mark.parametrize("model", ["broken", "nowhere"])
def test_a_server_that_does_not_answer_costs_one_line(
    server: ModelServer, open_workspace: Open, documents: Path, tmp_path: Path, model: str
) -> None:
    url = server.url if model == "broken" else "http://127.0.0.1:9/v1"
    open_workspace(remote(url, model))
    command = [sys.executable, "-m", "annotate.cli", "ingest", str(documents), "-w", str(tmp_path), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{url}/: no embeddings from {model}" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
