"""The labelling screen without a browser: who sees the card, and what stands between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.access.permissions import ROLES
from annotate.labelling.campaigns import set_rules


def card(at: Any) -> dict[str, Any] | None:
    """Return what the card was given, if it is drawn."""
    found = at.get("bidi_component")
    if not found:
        return None
    [drawn] = found
    return json.loads(drawn.proto.json or drawn.proto.mixed.json)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_label(workspace, show, role):
    data = card(show("label", role))
    assert data["base"] == "/api/v1/desk"
    assert data["mode"] == "label"
    assert data["texts"]["card.question"] == "Question"


def test_two_people_in_one_browser_are_kept_apart(workspace, show):
    one, two = card(show("label", "assessor", "Vera")), card(show("label", "assessor", "Nina"))
    assert one["who"] != two["who"]


def test_without_the_guidelines_confirmed_there_is_no_card(workspace, show):
    set_rules(workspace.store, "default", confirm_guideline=True)
    assert card(show("label", "assessor")) is None


def test_the_screen_speaks_russian(workspace, show):
    at = show("label", "assessor")
    at.selectbox(key="language").set_value("ru").run()
    assert card(at)["texts"]["verdict.tie"] == "Поровну"
