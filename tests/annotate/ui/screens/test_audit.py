"""The audit screen says who did what in words; the CSV keeps the record as it is."""

from __future__ import annotations

import pytest

from annotate.access.permissions import operator
from annotate.actions.campaigns import change_rules
from annotate.actions.users import add_user, change_role
from annotate.jobs.context import Context


@pytest.mark.parametrize(
    ("language", "who", "changed", "rule"),
    [
        ("en", "the operator, at the command line", "before: assessor; after: lead", "People a pair: — → 3"),
        ("ru", "оператор из командной строки", "было: асессор; стало: ведущий", "Людей на пару: — → 3"),
    ],
)
def test_details_are_words(workspace, show, language: str, who: str, changed: str, rule: str) -> None:
    context = Context.open(workspace.folder)
    sam, _ = add_user(context, operator(), "Sam", "assessor")
    change_role(context, operator(), sam.id, "lead")
    change_rules(context, operator(), "default", {"overlap": 3})
    context.store.engine.dispose()
    at = show("audit", "admin")
    at.selectbox(key="language").set_value(language).run()
    rows = at.dataframe[0].value
    assert who in set(rows["actor"])
    assert {changed, rule} <= set(rows["details"])
    assert any('"after": "lead"' in record for record in rows["record"])
