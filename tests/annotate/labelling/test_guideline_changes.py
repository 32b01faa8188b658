"""Differences of texts: everything that changed is shown, and joins to what it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotate.labelling.guideline_changes import compare_lines, compare_texts, compare_words

LINES = st.lists(st.sampled_from(["a rule", "a rule holds", "правило", "иное правило", "", "x"]), max_size=8)


def test_a_changed_word_is_shown_within_its_line() -> None:
    [change] = compare_texts(
        {"en/rules": "One.\nReply within 14 days.\nEnd.", "ru/rules": "Одно."},
        {"en/rules": "One.\nReply within 30 days.\nEnd.", "ru/rules": "Одно."},
    )
    assert (change.language, change.name, change.kind) == ("en", "rules", "changed")
    before, changed, after = change.lines
    assert (before.kind, after.kind) == ("same", "same")
    assert (changed.kind, changed.old_number, changed.new_number) == ("changed", 2, 2)
    assert [(part.kind, part.text) for part in changed.segments] == [
        ("same", "Reply within "), ("removed", "14"), ("added", "30"), ("same", " days."),
    ]  # fmt: skip


def test_new_and_removed_files_are_told() -> None:
    old, new = {"en/old": "Gone."}, {"ru/new": "Новое."}
    assert [(one.kind, one.language, one.name) for one in compare_texts(old, new)] == [
        ("removed", "en", "old"),
        ("added", "ru", "new"),
    ]


def test_lines_that_have_nothing_in_common_are_one_removed_and_one_added() -> None:
    lines = compare_lines(["Flag private data."], ["Экзамен сдаётся отдельно для каждого языка."])
    assert sorted(line.kind for line in lines) == ["added", "removed"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_segments_join_to_both_lines(old: str, new: str) -> None:
    segments = compare_words(old, new)
    assert "".join(part.text for part in segments if part.kind != "added") == old
    assert "".join(part.text for part in segments if part.kind != "removed") == new


@given(LINES, LINES)
def test_the_changes_lead_from_the_old_lines_to_the_new_ones(old: list[str], new: list[str]) -> None:
    changes = [line for line in compare_lines(old, new) if line.kind != "same"]
    gone = {line.old_number for line in changes if line.old_number}
    come = {line.new_number for line in changes if line.new_number}
    kept = [text for at, text in enumerate(old, 1) if at not in gone]
    assert kept == [text for at, text in enumerate(new, 1) if at not in come]
    assert bool(changes) == (old != new)
