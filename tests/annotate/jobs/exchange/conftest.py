"""Shared by the tests of import and export: workspaces, and files of judgements to bring in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from annotate.jobs.context import Context
from annotate.settings import SETTINGS_FILE
from tests.annotate.conftest import put_blank

Workspaces = Callable[[str], Context]


def vote(number: int, verdict: str = "A_better", assessor: str = "anna", **more: Any) -> dict[str, Any]:
    """Return a judgement on the pair of a number, as a row of a file."""
    return {
        "question_id": f"q{number}",
        "question": f"What is said of the number {number}?",
        "answer_a": f"It is {number}.",
        "answer_b": "Nobody knows.",
        "verdict": verdict,
        "assessor": assessor,
        "kind": "person",
    } | more


def write_votes(file: Path, rows: list[Any]) -> Path:
    """Write rows as JSON lines; a text is a line as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


@pytest.fixture
def workspaces(tmp_path: Path) -> Iterator[Workspaces]:
    """Make empty workspaces by name."""
    opened: list[Context] = []

    def make(name: str) -> Context:
        folder = tmp_path / name
        folder.mkdir()
        (folder / SETTINGS_FILE).write_text("[training]\ntest_share = 0.3\n", "utf-8")
        put_blank(folder)
        opened.append(Context.open(folder))
        return opened[-1]

    yield make
    for context in opened:
        context.store.engine.dispose()


@pytest.fixture
def ledger(workspaces: Workspaces) -> Context:
    return workspaces("ws")
