"""The remote generator over real HTTP, against a server that runs SmolLM2."""

import numpy as np
import pytest
from openai import OpenAI

from rag import Decoding, EndpointError, EndpointGenerator, OpenVinoGenerator

PROMPTS = [
    [{"role": "user", "content": "What is the capital of France? Answer in one sentence."}],
    [{"role": "user", "content": "What is the capital of Italy? Answer in one sentence."}],
    [{"role": "user", "content": "Which is larger, A or B? Reply with one letter."}],
]
GREEDY = Decoding(max_new_tokens=12)

pytestmark = pytest.mark.models


def test_texts_come_in_order_and_are_those_of_the_model(client: OpenAI, generator: OpenVinoGenerator) -> None:
    remote = EndpointGenerator(client, "smollm2")
    seen: list[tuple[int, int]] = []
    made = remote.generate(PROMPTS, GREEDY, lambda done, total: seen.append((done, total)))
    local = generator.generate(PROMPTS, GREEDY)
    assert [one.text for one in made] == [one.text for one in local]
    assert [one.new_tokens for one in made] == [one.new_tokens for one in local]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert remote.generate([], GREEDY) == []


def test_the_decoding_and_no_opening_reach_the_server(client: OpenAI, server: object) -> None:
    opened = [*PROMPTS[0], {"role": "assistant", "content": "According to [1],"}]
    EndpointGenerator(client, "smollm2").generate([opened], Decoding(5, temperature=0.7, top_p=0.9, seed=3))
    asked = server.asked[-1]  # type: ignore[attr-defined]
    assert asked["messages"] == PROMPTS[0]
    assert (asked["max_tokens"], asked["temperature"], asked["top_p"], asked["seed"]) == (5, 0.7, 0.9, 3)


def test_option_log_probabilities_are_those_of_the_model(
    client: OpenAI, generator: OpenVinoGenerator
) -> None:
    [text] = [made.text for made in generator.generate(PROMPTS[:1], Decoding(max_new_tokens=1))]
    options = [text, "xylophone"]
    rows = EndpointGenerator(client, "smollm2").option_logprobs(PROMPTS[:1], options)
    assert rows[0, 0] == pytest.approx(generator.option_logprobs(PROMPTS[:1], options)[0, 0], abs=1e-3)
    assert rows[0, 1] == -np.inf
    assert EndpointGenerator(client, "smollm2").option_logprobs([], options).shape == (0, 2)


def test_a_server_without_log_probabilities_is_an_error(client: OpenAI) -> None:
    with pytest.raises(EndpointError, match="reports no log-probabilities"):
        EndpointGenerator(client, "no-logprobs").option_logprobs(PROMPTS, ["A", "B"])


@pytest.mark.parametrize("model", ["broken", "missing", "html", "no-choices"])
def test_a_server_that_fails_is_an_error_naming_it(client: OpenAI, model: str) -> None:
    remote = EndpointGenerator(client, model)
    with pytest.raises(EndpointError, match=rf"127\.0\.0\.1.*{model}") as caught:
        remote.generate(PROMPTS[:1], GREEDY)
    assert "\n" not in str(caught.value)
    with pytest.raises(EndpointError):
        remote.option_logprobs(PROMPTS[:1], ["A", "B"])


def test_a_server_that_does_not_answer_in_time_is_an_error(client: OpenAI) -> None:
    with pytest.raises(EndpointError, match="slow"):
        EndpointGenerator(client.with_options(timeout=0.3), "slow").generate(PROMPTS[:1], GREEDY)


def test_no_server_at_all_is_an_error() -> None:
    with (
        OpenAI(base_url="http://127.0.0.1:9/v1", api_key="none", max_retries=0) as client,
        pytest.raises(EndpointError, match=r"127\.0\.0\.1:9"),
    ):
        EndpointGenerator(client, "smollm2").generate(PROMPTS[:1], GREEDY)


def test_tokens_are_estimated_and_the_fingerprint_names_server_and_model(client: OpenAI) -> None:
    remote = EndpointGenerator(client, "smollm2")
    assert remote.count_tokens("a" * 35) == 10
    assert remote.fingerprint.endswith("/v1/|smollm2")
