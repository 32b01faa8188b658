"""Split the rows of a workspace for good, and keep every frozen test out of what is trained on.

A question stays on its side with its near duplicates, by words and by meaning; what was once in the test of a
run is never trained on. With a date, questions judged since then are the test as well. The workspace's folder
`frozen` may hold further tests, JSON lines of any format that can be imported; training is refused while rows
are in one of them, or nearly, unless they are to be left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_questions
from annotate.jobs.exchange.leaks import frozen_questions
from annotate.jobs.exchange.splits import TEST, Shares, group_leaders, sides_of_questions, stored_questions
from annotate.store import Run
from annotate.store.clusters import Cluster, ClusterMember
from annotate.store.questions import Question
from training import Split, split_by_question
from training.rows import Row, TextRow
from training.snapshots import Freezing, FrozenTest, Origin, Snapshot, find_near, freeze, guard

FROZEN_FOLDER, TEST_ROWS = "frozen", "test.jsonl"

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class FrozenSplit(Split[R], Generic[R]):
    """Hold rows apart, with what a snapshot's manifest says of how they came apart."""

    origin: Origin = field(default_factory=Origin)


def frozen_split(
    context: Context,
    rows: Sequence[R],
    options: Freezing | None = None,
    *,
    test_share: float | None = None,
    test_from: date | None = None,
) -> FrozenSplit[R]:
    """Split rows by question and group of near duplicates; guard the train side and choose from it.

    `test_from` puts the groups of questions judged since that day into the test as well. Raises
    training.errors.LeakError naming the rows in a frozen test, RowsError where a selection keeps none. Embeds
    questions, so it must not be called inside a transaction that writes.
    """
    share = context.settings.training.test_share if test_share is None else test_share
    if rows and isinstance(rows[0], TextRow):
        return _split_texts(context, rows, options, share)
    texts = stored_questions(context.store) | {row.question_id: row.subject for row in rows}
    sides = sides_of_questions(texts, Shares(share), {row.question_id for row in rows})
    tested = {key for key, side in sides.items() if side == TEST}
    tested |= questions_tested_before(context) & texts.keys() | _judged_since(rows, test_from)
    tested = _with_near(context, texts, tested)
    if {row.question_id for row in rows} <= tested:  # so small a workspace that nothing would be left
        tested = {key for key, side in sides.items() if side == TEST} | (
            questions_tested_before(context) & texts.keys()
        )
    train = [row for row in rows if row.question_id not in tested]
    test = [row for row in rows if row.question_id in tested]
    kept, origin = guard(
        train,
        options=options,
        frozen_tests=frozen_tests(context),
        embed=lambda some: embed_questions(context, some),
    )
    how = {"by": "question and group of near duplicates, by words and by meaning", "test_share": share}
    if test_from is not None:
        how["test_from"] = test_from.isoformat()
    clusters = cluster_names(context, {row.question_id for row in rows})
    split = {**how, **origin.split}
    return FrozenSplit(kept, test, Origin(split, origin.guarded, origin.left_out, clusters))


def freeze_split(folder: Path, split: Split[R], row: type[R]) -> Snapshot[R]:
    """Write a split as a snapshot in a run's folder: train.jsonl, test.jsonl, manifest.json, read-only."""
    origin = split.origin if isinstance(split, FrozenSplit) else Origin({"by": "question"})
    return freeze(folder, row, split.train, split.test, origin)


def frozen_tests(context: Context) -> list[FrozenTest]:
    """Return the tests in the workspace's folder `frozen`; raise BridgeError for one without questions."""
    files = sorted((context.workspace.folder / FROZEN_FOLDER).glob("*.jsonl"))
    return [
        FrozenTest(file.name, {f"question {n}": text for n, text in enumerate(frozen_questions(file), 1)})
        for file in files
    ]


def questions_tested_before(context: Context) -> set[str]:
    """Return the keys of the questions that were in the test of any run."""
    with context.store.reading() as session:
        folders = [Path(folder) for folder in session.scalars(select(Run.folder))]
    found: set[str] = set()
    for folder in folders:
        file = folder / TEST_ROWS
        if file.is_file():
            lines = file.read_text("utf-8").splitlines()
            found |= {str(json.loads(line)["question_id"]) for line in lines if line.strip()}
    return found


def cluster_names(context: Context, questions: set[str]) -> dict[str, str]:
    """Return the name of the cluster of each question that is in one."""
    query = (
        select(Question.key, Cluster.number, Cluster.name)
        .join(ClusterMember, ClusterMember.question_id == Question.id)
        .join(Cluster, Cluster.id == ClusterMember.cluster_id)
        .order_by(Question.key)
    )
    with context.store.reading() as session:
        rows = session.execute(query).all()
    return {key: name or str(number) for key, number, name in rows if key in questions}


def _split_texts(
    context: Context, rows: Sequence[R], options: Freezing | None, share: float
) -> FrozenSplit[R]:
    """Split texts by document; what a document of the test says too, or nearly, is not trained on.

    Documents share their headers and imprints, so that to refuse would mean never to train. Texts are
    embedded only where they are to be chosen by their variety.
    """
    split = split_by_question(rows, share)
    selection = options.selection if options else None
    varied = selection is not None and selection.share < 1 and selection.by != "quality"
    kept, origin = guard(
        split.train,
        options=Freezing(leaks="leave_out", selection=selection),
        frozen_tests=[FrozenTest.of_rows("the test side", split.test)] if split.test else [],
        embed=(lambda some: embed_questions(context, some)) if varied else None,
    )
    how = {"by": "document", "test_share": share, **origin.split}
    return FrozenSplit(kept, split.test, Origin(how, origin.guarded, origin.left_out))


def _judged_since(rows: Sequence[Row], day: date | None) -> set[str]:
    if day is None:
        return set()
    since = day.isoformat()
    return {row.question_id for row in rows if str(row.lineage.get("judged_at", "")) >= since}


def _with_near(context: Context, texts: Mapping[str, str], tested: set[str]) -> set[str]:
    """Add the questions that are near duplicates of tested ones, group by group, until none is left."""
    leaders = group_leaders(texts)
    members: dict[str, set[str]] = {}
    for key, leader in leaders.items():
        members.setdefault(leader, set()).add(key)

    def whole(keys: set[str]) -> set[str]:
        return {member for key in keys for member in members[leaders[key]]}

    found = whole(tested)
    fresh = found
    while fresh:
        rest = {key: text for key, text in texts.items() if key not in found}
        others = {key: texts[key] for key in fresh}
        near = find_near(rest, others, lambda some: _embed(context, some)) if rest else []
        fresh = whole({one.one for one in near}) - found
        found |= fresh
    return found


def _embed(context: Context, texts: Sequence[str]) -> NDArray[np.float32]:
    return embed_questions(context, texts)
