"""Make worse twins of good answers that a person looks at before they become gold tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.errands import read_errand, write_result
from annotate.jobs.gold import Draft, draft_twins, put_draft
from annotate.jobs.progress import Reporter
from annotate.labelling.controls.corruption import Corruption
from annotate.store import AnswerRecord, Question

KIND = "gold_drafts"


def make_drafts(
    context: Context,
    count: int,
    kinds: Sequence[str],
    *,
    campaign: str,
    pool: str,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Return up to `count` drafts with what they were made of, as JSON; nothing is stored.

    Raises JobError for an unknown kind or without answers.
    """
    rng = np.random.default_rng([context.settings.seed, 7])
    tally: dict[str, Any] = {}
    found = [draft for some in draft_twins(context, count, kinds, rng, tally, reporter) for draft in some]
    return tally | {"campaign": campaign, "pool": pool, "drafts": _told(context, found)}


def keep_drafts(context: Context, wanted: Sequence[str]) -> int:
    """Store the drafts of these names as control tasks and forget the others; return how many.

    Raises JobError when there are no drafts, or somebody dealt with them meanwhile.
    """
    errand = read_errand(context, KIND)
    if errand.result is None or not errand.result.get("drafts"):
        raise JobError("there are no drafts any more; somebody dealt with them, or none were made")
    kept = [row for row in errand.result["drafts"] if row["name"] in wanted]
    seed = context.settings.seed
    rng = np.random.default_rng([seed, 11, *(row["answer_id"] for row in kept)])
    try:
        with context.store.writing.begin() as session:
            for row in kept:
                draft = Draft(
                    row["answer_id"], row["question_id"], row["lender_id"], Corruption(**row["twin"])
                )
                put_draft(
                    session, draft, errand.result["campaign"], errand.result["pool"], seed,
                    first=bool(rng.integers(2)),
                )  # fmt: skip
    except IntegrityError as error:
        raise JobError("somebody kept some of these drafts meanwhile; make new ones") from error
    write_result(context, KIND, errand.result | {"drafts": [], "kept": len(kept)})
    return len(kept)


def discard_drafts(context: Context) -> None:
    """Forget the drafts."""
    errand = read_errand(context, KIND)
    if errand.result is not None:
        write_result(context, KIND, errand.result | {"drafts": []})


def _told(context: Context, drafts: Sequence[Draft]) -> list[dict[str, Any]]:
    ids = [draft.answer_id for draft in drafts]
    with context.store.reading() as session:
        rows = session.execute(
            select(AnswerRecord.id, AnswerRecord.text, Question.text.label("question"), Question.language)
            .join(Question, Question.id == AnswerRecord.question_id)
            .where(AnswerRecord.id.in_(ids))
        )
        answers = {row.id: row for row in rows}
    return [
        {
            "name": f"{draft.answer_id}-{draft.twin.kind}",
            "answer_id": draft.answer_id,
            "question_id": draft.question_id,
            "lender_id": draft.lender_id,
            "twin": asdict(draft.twin),
            "question": answers[draft.answer_id].question,
            "language": answers[draft.answer_id].language,
            "original": answers[draft.answer_id].text,
        }
        for draft in drafts
    ]
