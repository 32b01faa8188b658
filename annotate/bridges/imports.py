"""Take in judgements that were made elsewhere, each once, however often its file comes in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.errors import BridgeError, LabellingError
from annotate.labelling import Submission, register, reserve_pair, submit
from annotate.labelling.verdicts import check_reasons, check_verdict
from annotate.store import Store


@dataclass(frozen=True)
class OutsideJudgement:
    """Hold a verdict of a person on a pair, in the stored order: A is the pair's first answer."""

    pair_id: int
    assessor: str
    verdict: str
    aspects: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    comment: str = ""
    seconds: float = 0.0

    def key(self, channel: str) -> str:
        """Return a key that is the same whenever this judgement comes in again."""
        digest = hashlib.sha256(f"{channel}|{self.pair_id}|{self.assessor}".encode()).hexdigest()
        return f"{channel}:{digest[:32]}"


@dataclass
class ImportReport:
    """Tell what became of each judgement of an import."""

    recorded: int = 0
    refused: list[str] = field(default_factory=list)


def read_judgements(path: Path) -> list[OutsideJudgement]:
    """Read JSON lines with pair, assessor, verdict; raise BridgeError naming the first bad line."""
    if not path.is_file():
        raise BridgeError(f"{path}: no such file")
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            found.append(_parse(line, f"{path}:{number}"))
    if not found:
        raise BridgeError(f"{path}: no judgement in this file")
    return found


def import_judgements(
    store: Store, judgements: Iterable[OutsideJudgement], *, guideline_id: int, channel: str
) -> ImportReport:
    """Record judgements of people; those on unknown pairs, or given before, are listed as refused."""
    report = ImportReport()
    for judgement in judgements:
        try:
            assessor = register(store, judgement.assessor, "person")
            assignment = reserve_pair(store, judgement.pair_id, assessor.id)
            submission = Submission(
                client_key=judgement.key(channel),
                verdict=judgement.verdict,
                guideline_id=guideline_id,
                channel=channel,
                aspects=judgement.aspects,
                tags=judgement.tags,
                comment=judgement.comment,
                seconds=judgement.seconds,
            )
            submit(store, assignment.id, assessor.id, submission)
            report.recorded += 1
        except LabellingError as error:
            report.refused.append(f"pair {judgement.pair_id}, {judgement.assessor}: {error}")
    return report


def _parse(line: str, place: str) -> OutsideJudgement:
    try:
        row: dict[str, Any] = json.loads(line)
        judgement = OutsideJudgement(
            pair_id=int(row["pair"]),
            assessor=str(row["assessor"]),
            verdict=check_verdict(str(row["verdict"])),
            aspects=dict(row.get("aspects", {})),
            tags=dict(row.get("tags", {})),
            comment=str(row.get("comment", "")),
            seconds=float(row.get("seconds", 0.0)),
        )
        check_reasons(judgement.aspects, judgement.tags)
    except (json.JSONDecodeError, TypeError, ValueError, AttributeError) as error:
        raise BridgeError(f"{place}: not a judgement: {error}") from error
    except KeyError as error:
        raise BridgeError(f"{place}: a judgement needs {error}") from error
    except LabellingError as error:
        raise BridgeError(f"{place}: {error}") from error
    return judgement
