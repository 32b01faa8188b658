from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.api.limits import Buckets, Limits


@given(st.integers(1, 50), st.integers(1, 120))
def test_a_bucket_lets_a_burst_through_and_then_names_the_wait(burst, tries):
    buckets = Buckets(per_second=0.01, burst=burst)
    waits = [buckets.wait("one") for _ in range(tries)]
    assert [wait == 0 for wait in waits] == [number < burst for number in range(tries)]
    assert all(0 < wait <= 100 for wait in waits[burst:])
    assert buckets.wait("another") == 0


def test_a_bucket_fills_again():
    buckets = Buckets(per_second=50.0, burst=1)
    assert buckets.wait("one") == 0
    wait = buckets.wait("one")
    time.sleep(wait + 0.005)
    assert buckets.wait("one") == 0


def test_who_asks_too_often_is_told_when_to_come_again_and_others_are_not(make_site):
    site = make_site(Limits(per_second=0.1, burst=3))
    lead, engineer = site.client("lead"), site.client("engineer")
    statuses = [lead.get("/pairs").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = lead.get("/pairs")
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 31
    assert engineer.get("/pairs").status_code == 200


def test_guessing_tokens_is_slowed_down_whatever_token_comes_next(make_site):
    site = make_site(Limits(strangers_per_second=0.1, strangers_burst=4))
    known = site.client("lead")
    assert known.get("/pairs").status_code == 200
    stranger = site.client("nobody")
    guesses = [
        stranger.get("/pairs", headers={"Authorization": f"Bearer pairloop_{n}"}).status_code
        for n in range(7)
    ]
    assert guesses == [401] * 4 + [429] * 3
    assert known.get("/pairs").status_code == 200  # from the same address, but known to be good


@pytest.mark.parametrize("declared", [True, False])
def test_a_large_body_is_refused_whether_or_not_it_says_how_large(make_site, declared):
    site = make_site(Limits(body_bytes=1000, body_bytes_of={}))
    body = b'{"reason": "' + b"x" * 2000 + b'"}'
    content = body if declared else iter([body[:500], body[500:]])
    answer = site.client().post(
        "/tasks/1/skip", content=content, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")


def test_a_question_may_be_shorter_than_other_bodies(make_site):
    site = make_site(Limits(body_bytes_of={"/ask": 100}))
    assert site.client().post("/ask", json={"question": "x" * 200}).status_code == 413


def test_what_takes_too_long_is_answered_in_time_and_the_next_request_works(make_site):
    site = make_site(Limits(seconds=0.2))

    @site.api.get("/slow")
    def slow() -> str:
        time.sleep(3.0)
        return "late"

    client = site.client()
    started = time.perf_counter()
    answer = client.get("/slow")
    assert (answer.status_code, answer.headers["content-type"]) == (504, "application/problem+json")
    assert time.perf_counter() - started < 2.0
    assert client.get("/pairs").status_code == 200


def test_a_body_that_does_not_arrive_is_not_waited_for(make_site):
    site = make_site(Limits(body_seconds=0.1))

    async def dripping():
        yield b"{"
        await asyncio.sleep(5)

    async def send():
        transport = httpx.ASGITransport(site.api)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/ask", content=dripping(), headers={"Content-Type": "application/json"})

    assert asyncio.run(asyncio.wait_for(send(), 3)).status_code == 408
