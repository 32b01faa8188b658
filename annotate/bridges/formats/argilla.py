"""Write and read records of Argilla 2, as `dataset.records.to_json` and `Record.from_dict` know them.

A record is a pair: `fields` with the texts, `responses` of people and the `suggestions` of a machine
to two questions: `verdict` (a label) and `details` (a text: the reasons, as JSON). Argilla holds one
suggestion a question, so that each further machine gets a record of its own. Its users have UUIDs:
`metadata.assessors` says whose they are.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.base import JUDGEMENTS, Entry, Format, ReadOptions, Row, no_columns
from annotate.bridges.formats.json_files import Element, dumped, read_array, write_array
from annotate.bridges.formats.mappings import entry
from annotate.bridges.formats.tables import flat

VERDICT, DETAILS = "verdict", "details"
_FIELDS = ("question", "answer_a", "answer_b", "passages_a", "passages_b")
_METADATA = ("question_id", "language", "model_a", "model_b")
_PAIR = (*_METADATA, *_FIELDS)
_REASONS = (
    "aspects", "tags", "spans", "comment", "confidence", "seconds", "active_seconds", "swapped",
    "guideline", "channel", "judged_at", "fingerprint", "details",
)  # fmt: skip


class Argilla(Format):
    """Keep judgements by pair, people as responses and machines as suggestions."""

    writes: ClassVar[frozenset[str]] = frozenset({JUDGEMENTS})

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:  # noqa: ARG002 - of one content only
        """Write a record a pair; rows of one pair come one after the other."""
        no_columns(self.name, columns)
        pairs = groupby(rows, lambda row: dumped([row[name] for name in _PAIR]))
        return write_array(target, (record for _, group in pairs for record in _records(list(group))))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read every response and suggestion; those without an answer to `verdict` are passed over."""
        for element in read_array(source):
            yield from _entries(element, options)


def _records(rows: list[Row]) -> Iterator[dict[str, Any]]:
    """Yield the record of a pair with its people and its first machine, then one for each other machine."""
    people = [row for row in rows if row["kind"] == "person"]
    machines = [row for row in rows if row["kind"] == "machine"]
    for number in range(max(1, len(machines))):
        yield _record(people if number == 0 else [], machines[number : number + 1], rows[0], number)


def _record(people: list[Row], machines: list[Row], pair: Row, number: int) -> dict[str, Any]:
    users = {_user(row["assessor"]): row["assessor"] for row in people}
    key = dumped([pair[name] for name in _PAIR] + [number])
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, key)),
        "fields": {name: flat(name, pair[name]) for name in _FIELDS},
        "metadata": {name: pair[name] for name in _METADATA} | {"assessors": dumped(users)},
        "suggestions": {
            question: {"value": value, "score": row["confidence"], "agent": row["assessor"]}
            for row in machines
            for question, value in _answers(row).items()
        },
        "responses": {
            question: [
                {"value": _answers(row)[question], "user_id": _user(row["assessor"])} for row in people
            ]
            for question in ((VERDICT, DETAILS) if people else ())
        },
        "vectors": {},
        "_server_id": None,
    }


def _answers(row: Row) -> dict[str, str]:
    return {VERDICT: row["verdict"], DETAILS: dumped({name: row[name] for name in _REASONS})}


def _user(name: str) -> str:
    try:
        return str(uuid.UUID(name))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"pairloop:{name}"))


def _entries(element: Element, options: ReadOptions) -> Iterator[Entry]:
    if element.reason:
        yield Entry(element.line, reason=element.reason)
        return
    try:
        found = list(_judgements(element.value))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield Entry(element.line, reason=f"not a record of Argilla: {error}")
        return
    for row in found:
        yield entry(element.line, row, options)


def _judgements(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    metadata = record.get("metadata") or {}
    pair = {name: record["fields"][name] for name in _FIELDS if name in record["fields"]}
    pair |= {name: metadata[name] for name in _METADATA if name in metadata}
    pair |= {name: value for name, value in record["fields"].items() if name not in pair}
    users = json.loads(metadata.get("assessors") or "{}")
    responses = record.get("responses") or {}
    details = {one["user_id"]: one["value"] for one in responses.get(DETAILS, [])}
    for one in responses.get(VERDICT, []):
        if one.get("status", "submitted") == "submitted":
            who = str(one["user_id"])
            said = {"verdict": one["value"], "assessor": users.get(who, who), "kind": "person"}
            yield pair | _reasons(details.get(who)) | said
    suggestions = record.get("suggestions") or {}
    if suggested := suggestions.get(VERDICT):
        reasons = _reasons((suggestions.get(DETAILS) or {}).get("value"))
        said = {"verdict": suggested["value"], "assessor": suggested.get("agent") or "", "kind": "machine"}
        yield pair | {"confidence": suggested.get("score")} | reasons | said


def _reasons(text: Any) -> dict[str, Any]:
    """Return the reasons that we wrote; what others wrote there is a comment."""
    if not isinstance(text, str):
        return {}
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return {"comment": text}
    return {name: found[name] for name in _REASONS if name in found} if isinstance(found, dict) else {}
