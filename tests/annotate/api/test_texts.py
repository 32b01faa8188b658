from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.api.texts import is_storable

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


def can_be_kept(value) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (UnicodeEncodeError, ValueError):
        return False
    return "\\u0000" not in json.dumps(value).replace("\\\\", "")


@given(VALUES)
def test_what_a_database_cannot_keep_is_found(value):
    assert is_storable(json.dumps(value).encode()) == can_be_kept(value)


@pytest.mark.parametrize("text", ["a \\u0000 b", "NaN and Infinity", "\U0001f600", "\\ud800"])
def test_what_only_looks_like_it_is_let_through(text):
    assert is_storable(json.dumps({"text": text}).encode())


def test_such_a_text_is_refused_wherever_it_stands(site):
    client, headers = site.client(), {"Content-Type": "application/json"}
    for body in ('{"reason": "\\u0000"}', '{"reason": "\\ud800"}', '{"reason": NaN}'):
        refused = client.post("/tasks/1/skip", content=body, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (422, "invalid")
    assert client.get("/judgements?assessor=%00").status_code == 422
    deep = client.post("/tasks/1/skip", content="[" * 100_000, headers=headers)
    assert 400 <= deep.status_code < 500
