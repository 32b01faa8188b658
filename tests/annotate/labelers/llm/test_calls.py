"""Calls are kept in the database by content, with their cost, and found again."""

from dataclasses import replace

import pytest

from annotate.labelers.llm import Budget, Call, LlmLabeler, LocalModel, Reply, Request, StoredCalls
from annotate.labelers.llm.calls import content_key
from annotate.store import JudgeCall, Store
from tests.annotate.labelers.conftest import PAIRS
from tests.annotate.labelers.llm.test_judge import Remote, Serve, shorter

MESSAGES = [{"role": "user", "content": "А или B?"}]


def test_the_key_is_that_of_the_content() -> None:
    asked = Request(MESSAGES, ("A", "B"))
    keys = {
        content_key("model", asked),
        content_key("other", asked),
        content_key("model", Request([{"role": "user", "content": "B или A?"}], ("A", "B"))),
        content_key("model", Request(MESSAGES, schema={"type": "object"})),
        content_key("model", Request(MESSAGES, ("A", "B"), max_tokens=2)),
    }
    assert len(keys) == 5
    assert content_key("model", Request(list(MESSAGES), ("A", "B"))) == content_key("model", asked)


def test_a_call_is_found_again_and_kept_once(store: Store) -> None:
    log = StoredCalls(store)
    reply = Reply("ответ", {"A": -0.5, "B": -1.25}, 12, 3, 0.5)
    assert log.get("k") is None
    log.put(Call("k", "llm-judge", reply, 0.25, malformed=False))
    log.put(Call("k", "llm-judge", Reply("another"), 9.0, malformed=True))
    assert log.get("k") == reply
    with store.reading() as session:
        [row] = session.query(JudgeCall).all()
        assert (row.assessor, row.cost, row.malformed, row.prompt_tokens) == ("llm-judge", 0.25, False, 12)


def test_a_judge_that_starts_again_asks_nothing_twice(
    sqlite_store: Store, serve: Serve, remote: Remote
) -> None:
    server = serve(shorter)
    model = remote(server)
    for _ in range(2):
        [judged] = LlmLabeler(model, log=StoredCalls(sqlite_store), budget=Budget()).judge([PAIRS["en"]])
        assert judged.verdict != ""
    assert len(server.asked) == 2


def test_threads_keep_their_calls_side_by_side(sqlite_store: Store, serve: Serve, remote: Remote) -> None:
    pairs = [replace(PAIRS["en"], question=f"{number}?") for number in range(10)]
    labeler = LlmLabeler(remote(serve(shorter), concurrency=4), log=StoredCalls(sqlite_store))
    assert len({judged.verdict for judged in labeler.judge(pairs)}) == 1
    with sqlite_store.reading() as session:
        assert session.query(JudgeCall).count() == 20


def test_a_model_that_only_weighs_refuses_to_write() -> None:
    class Weights:
        fingerprint = "weights"

        def count_tokens(self, text: str) -> int:
            return len(text.split())

    with pytest.raises(ValueError, match="weighs options only"):
        LocalModel(Weights()).answer(Request(MESSAGES, schema={}, max_tokens=5))
