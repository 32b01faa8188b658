"""Rows: the only data a run takes in, one JSON object a line, one kind of row a file."""

from training.rows.base import (
    Message,
    Row,
    Split,
    read_rows_of,
    snapshot_hash,
    split_by_question,
    write_rows,
)
from training.rows.demonstrations import DemonstrationRow
from training.rows.preferences import PreferenceRow, read_rows
from training.rows.prompts import PromptRow
from training.rows.relevance import RelevanceRow
from training.rows.texts import TextRow

__all__ = [
    "DemonstrationRow",
    "Message",
    "PreferenceRow",
    "PromptRow",
    "RelevanceRow",
    "Row",
    "Split",
    "TextRow",
    "read_rows",
    "read_rows_of",
    "snapshot_hash",
    "split_by_question",
    "write_rows",
]
