"""What the remote generator does while its server fails, stalls and pushes back, over real HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from openai import OpenAI

from rag import Decoding, EndpointError, EndpointGenerator, OpenVinoGenerator
from rag.generators.admission import WaitingRoom
from rag.generators.circuit_breaker import CircuitBreaker

pytestmark = pytest.mark.models
PROMPT = [{"role": "user", "content": "What is the capital of France? Answer in one sentence."}]
SHORT = Decoding(max_new_tokens=6)


def test_failures_are_retried_and_retry_after_is_respected(flaky: Any, patient: OpenAI) -> None:
    flaky.troubles.extend(["500", "429 1"])
    [made] = EndpointGenerator(patient, "smollm2").generate([PROMPT], SHORT)
    assert "capital" in made.text
    assert len(flaky.asked_at) == 3
    assert flaky.asked_at[2] - flaky.asked_at[1] >= 1.0


def test_retries_end(flaky: Any, patient: OpenAI) -> None:
    flaky.troubles.extend(["429 0.01"] * 3)
    with pytest.raises(EndpointError, match="slow down"):
        EndpointGenerator(patient, "smollm2").generate([PROMPT], SHORT)
    assert len(flaky.asked_at) == 3


def test_no_more_than_so_many_requests_are_in_flight_whoever_asks(flaky: Any, impatient: OpenAI) -> None:
    flaky.troubles.extend(["stall 0.1"] * 8)
    remote = EndpointGenerator(impatient, "smollm2", concurrency=2)
    asking = [threading.Thread(target=remote.generate, args=([PROMPT] * 2, SHORT)) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(flaky.asked_at) == 8
    assert flaky.most_at_once == 2


def test_a_server_that_keeps_failing_is_left_alone_and_tried_again(flaky: Any, impatient: OpenAI) -> None:
    breaker = CircuitBreaker(failures=3, window_seconds=60, open_seconds=0.4)
    remote = EndpointGenerator(impatient, "smollm2", breaker=breaker)
    flaky.troubles.extend(["500", "stall 0", "500", "500", "500"])
    for _ in range(5):
        try:
            remote.generate([PROMPT], SHORT)
        except EndpointError as error:
            assert "trouble" in str(error)  # noqa: PT017 - the second request is answered
        if breaker.state == "open":
            break
    asked = len(flaky.asked_at)
    assert asked == 4
    with pytest.raises(EndpointError, match="left alone; try again"):
        remote.generate([PROMPT], SHORT)
    assert len(flaky.asked_at) == asked
    time.sleep(0.5)
    with pytest.raises(EndpointError, match="trouble"):  # the trial fails
        remote.generate([PROMPT], SHORT)
    assert breaker.state == "open"
    time.sleep(0.5)
    assert remote.generate([PROMPT], SHORT)[0].text
    assert breaker.state == "closed"


def test_a_request_refused_in_good_health_opens_nothing(flaky: Any, impatient: OpenAI) -> None:
    breaker = CircuitBreaker(failures=1)
    flaky.troubles.append("400")
    with pytest.raises(EndpointError, match="trouble"):
        EndpointGenerator(impatient, "smollm2", breaker=breaker).generate([PROMPT], SHORT)
    assert breaker.state == "closed"


def test_a_stalled_server_counts_as_failing(flaky: Any, impatient: OpenAI) -> None:
    breaker = CircuitBreaker(failures=1)
    flaky.troubles.append("stall 1")
    remote = EndpointGenerator(impatient.with_options(timeout=0.2), "smollm2", breaker=breaker)
    with pytest.raises(EndpointError, match="smollm2"):
        remote.generate([PROMPT], SHORT)
    assert breaker.state == "open"


def test_load_is_shed_when_the_room_is_full(flaky: Any, impatient: OpenAI) -> None:
    flaky.troubles.extend(["stall 0.6"] * 2)
    remote = EndpointGenerator(impatient, "smollm2", 1, room=WaitingRoom(in_flight=1, waiting=1))
    asking = [threading.Thread(target=remote.generate, args=([PROMPT], SHORT)) for _ in range(2)]
    for thread in asking:
        thread.start()
        time.sleep(0.1)
    started = time.monotonic()
    with pytest.raises(EndpointError, match="1 requests wait already"):
        remote.generate([PROMPT], SHORT)
    assert time.monotonic() - started < 0.3
    for thread in asking:
        thread.join()


def test_coroutines_share_the_room_and_get_the_same_texts(
    flaky: Any, impatient: OpenAI, generator: OpenVinoGenerator
) -> None:
    flaky.troubles.extend(["stall 0.1"] * 4)
    remote = EndpointGenerator(impatient, "smollm2", concurrency=2)
    made = asyncio.run(remote.generate_async([PROMPT] * 4, SHORT))
    assert [one.text for one in made] == [generator.generate([PROMPT], SHORT)[0].text] * 4
    assert flaky.most_at_once == 2
    flaky.troubles.append("500")
    with pytest.raises(EndpointError, match="trouble"):
        asyncio.run(remote.generate_async([PROMPT], SHORT))


def test_a_stream_gives_the_text_in_pieces(
    flaky: Any, impatient: OpenAI, generator: OpenVinoGenerator
) -> None:
    pieces = list(EndpointGenerator(impatient, "smollm2").stream(PROMPT, SHORT))
    assert len(pieces) > 2
    assert "".join(pieces).strip() == generator.generate([PROMPT], SHORT)[0].text


def test_a_stream_that_breaks_is_an_error_and_gives_its_place_back(flaky: Any, impatient: OpenAI) -> None:
    room, breaker = WaitingRoom(1), CircuitBreaker(failures=1)
    remote = EndpointGenerator(impatient, "smollm2", 1, room=room, breaker=breaker)
    flaky.troubles.append("cut")
    with pytest.raises(EndpointError, match="smollm2"):
        list(remote.stream(PROMPT, SHORT))
    assert (room.running, breaker.state) == (0, "open")


def test_a_reader_that_leaves_a_stream_harms_nothing(flaky: Any, impatient: OpenAI) -> None:
    room, breaker = WaitingRoom(1), CircuitBreaker(failures=1)
    remote = EndpointGenerator(impatient, "smollm2", 1, room=room, breaker=breaker)
    stream = remote.stream(PROMPT, SHORT)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert (room.running, breaker.state) == (0, "closed")
