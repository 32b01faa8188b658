"""The remote embedder over real HTTP, against a server that runs e5."""

import numpy as np
import pytest
from openai import OpenAI

from rag import EndpointError
from rag.embedders import EndpointEmbedder, LocalEmbedder
from tests.rag.model_server import ModelServer

TEXTS = ["Возврат товара", "Return of goods", "Розы поливают утром"]

pytestmark = pytest.mark.models


@pytest.fixture(autouse=True)
def loaded(embedder: LocalEmbedder) -> None:
    """Load the weights, which may be converted first, before a client waits for them."""
    embedder.embed_queries([""])


def test_vectors_are_those_of_the_model_in_order_and_of_length_one(
    client: OpenAI, embedder: LocalEmbedder
) -> None:
    remote = EndpointEmbedder(client, "e5")
    vectors = remote.embed_passages(TEXTS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(vectors, embedder.embed_passages(TEXTS), atol=1e-4)


def test_many_texts_go_in_batches_with_progress(client: OpenAI, embedder: LocalEmbedder) -> None:
    seen: list[tuple[int, int]] = []
    texts = [f"word {n}" for n in range(70)]
    vectors = EndpointEmbedder(client, "e5").embed_passages(
        texts, lambda done, total: seen.append((done, total))
    )
    assert seen == [(64, 70), (70, 70)]
    np.testing.assert_allclose(vectors[69], embedder.embed_passages(["word 69"])[0], atol=1e-4)


def test_prefixes_are_put_before_and_named(client: OpenAI, server: ModelServer) -> None:
    remote = EndpointEmbedder(client, "e5", query_prefix="query: ", passage_prefix="passage: ")
    remote.embed_queries(["a"])
    assert server.asked[-1]["input"] == ["query: a"]
    remote.embed_passages(["a"])
    assert server.asked[-1]["input"] == ["passage: a"]
    asked = len(server.asked)
    remote.embed_queries(["a", "a"])
    assert len(server.asked) == asked, "a question asked before"
    assert remote.fingerprint != EndpointEmbedder(client, "e5").fingerprint


def test_nothing_gives_nothing(client: OpenAI) -> None:
    assert len(EndpointEmbedder(client, "e5").embed_queries([])) == 0


def test_an_empty_text_is_sent_as_one_that_servers_take(client: OpenAI, server: ModelServer) -> None:
    vectors = EndpointEmbedder(client, "e5").embed_passages(["", "a"])
    assert server.asked[-1]["input"] == [" ", "a"]
    assert vectors.shape == (2, 384)


@pytest.mark.parametrize("model", ["broken", "missing", "html", "no-choices", "short", "ragged", "null"])
def test_a_server_that_fails_is_an_error_naming_it(client: OpenAI, model: str) -> None:
    with pytest.raises(EndpointError, match=rf"127\.0\.0\.1.*{model}") as caught:
        EndpointEmbedder(client, model).embed_queries(TEXTS)
    assert "\n" not in str(caught.value)


def test_a_server_that_does_not_answer_in_time_is_an_error(client: OpenAI) -> None:
    with pytest.raises(EndpointError, match="slow"):
        EndpointEmbedder(client.with_options(timeout=0.3), "slow").embed_queries(TEXTS)
