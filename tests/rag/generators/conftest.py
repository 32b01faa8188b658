"""A server over SmolLM2 that fails by a script, and clients with and without patience."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openai import OpenAI

from rag import Decoding, OpenVinoGenerator
from tests.rag.model_server import ModelServer, serve


@pytest.fixture
def flaky(generator: OpenVinoGenerator) -> Iterator[ModelServer]:
    generator.generate([[{"role": "user", "content": "Hi"}]], Decoding(1))  # the weights are loaded
    with serve(generator, None) as running:
        yield running


@pytest.fixture
def patient(flaky: ModelServer) -> Iterator[OpenAI]:
    """A client that retries twice."""
    with OpenAI(base_url=flaky.url, api_key="none", timeout=20, max_retries=2) as client:
        yield client


@pytest.fixture
def impatient(flaky: ModelServer) -> Iterator[OpenAI]:
    """A client that never retries."""
    with OpenAI(base_url=flaky.url, api_key="none", timeout=20, max_retries=0) as client:
        yield client
