"""Make a large ledger in a minute: 100,000 tasks, a million judgements over two months by forty assessors.

Everything is made by statements inside the database, from numbers: the texts are short, the verdicts agree
with a hidden truth two times in three, and the judgements lie on the days as steady work would put them.
"""

# ruff: noqa: S608 - statements are put together from the numbers above alone
from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from annotate.store import open_store
from annotate.store.work import count_work, stop_counting
from benchmarks.ledger_writers import NUMBERS, fill_tasks

PEOPLE, MACHINES = 36, 4
ASSESSORS = PEOPLE + MACHINES
EACH = 11  # judgements of a task that has any: ten by people, one by a machine
GOLD_EVERY = 50
DAYS = 60
# A task's number times a prime, modulo something, stands for chance: the same in every database.
_VERDICT = "CASE WHEN (t.id * 31 + k.i * 17) % 3 < 2 THEN (t.id * 7) % 6 ELSE (t.id * 13 + k.i * 5) % 6 END"
_NAMES = (
    "CASE {} WHEN 0 THEN 'A_much_better' WHEN 1 THEN 'A_better' WHEN 2 THEN 'tie' "
    "WHEN 3 THEN 'B_better' WHEN 4 THEN 'B_much_better' ELSE 'both_bad' END"
)
_ASSESSOR = (
    f"CASE WHEN k.i = {EACH} THEN {PEOPLE} + 1 + t.id % {MACHINES} ELSE 1 + (t.id * 3 + k.i) % {PEOPLE} END"
)


def fill_large(url: str, tasks: int = 100_000, judgements: int = 1_000_000) -> None:
    """Fill an empty database; the tasks beyond `judgements` / 11 are still open."""
    store = open_store(url)
    with store.writing.begin() as session:
        fill_tasks(session, tasks)
        _fill_people(session)
        stop_counting(session.connection())
        _fill_judgements(session, min(tasks, judgements // EACH))
        _fill_findings(session, tasks)
        session.execute(text("DELETE FROM work_days"))
        count_work(session.connection())
        _settle_numbers(session)
    if store.engine.dialect.name == "postgresql":  # which keeps its statistics by itself, but later
        with store.writing.begin() as session:
            session.execute(text("ANALYZE"))
    store.engine.dispose()


def _fill_people(session: Session) -> None:
    _run(
        session,
        "INSERT INTO assessors (id, name, kind, languages, skills, fingerprint, state, state_reason, "
        f"created_at, reliability) {NUMBERS} SELECT i, 'assessor ' || i, CASE WHEN i <= {PEOPLE} THEN "
        "'person' ELSE 'machine' END, '[]', '[]', '', 'active', '', CURRENT_TIMESTAMP, 0.7 FROM n",
        count=ASSESSORS,
    )


def _fill_judgements(session: Session, judged: int) -> None:
    sqlite = store_is_sqlite(session)
    minutes = f"({DAYS * 1440} - (t.id * {DAYS * 1440 // 100_000 + 1} + k.i) % {DAYS * 1440})"
    moment = (
        f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || {minutes} || ' minutes')"
        if sqlite
        else f"now() - {minutes} * interval '1 minute'"
    )
    votes = f"FROM tasks t CROSS JOIN k WHERE t.id <= {judged}"
    votes_of = f"WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < {EACH})"
    number = f"(t.id - 1) * {EACH} + k.i"
    _run(
        session,
        f'UPDATE tasks SET pool = \'gold\', known = \'{{"verdicts": ["A_better"], "why": "", '
        f'"made_by": "hand"}}\' WHERE id % {GOLD_EVERY} = 0',
    )
    _run(
        session,
        "INSERT INTO assignments (id, task_id, assessor_id, state, swapped, reason, flagged, reserved_at, "
        f"expires_at, version) {votes_of} SELECT {number}, t.id, {_ASSESSOR}, 'submitted', "
        f"(t.id + k.i) % 2 = 0, '', (t.id * 10 + k.i) % 5000 = 0, {moment}, {moment}, 2 {votes}",
    )
    _run(
        session,
        "INSERT INTO judgements (id, assignment_id, revision, client_key, verdict, aspects, tags, spans, "
        "comment, confidence, details, guideline_id, channel, seconds, active_seconds, created_at) "
        f"{votes_of} SELECT {number}, {number}, 1, 'key-' || ({number}), {_NAMES.format(_VERDICT)}, "
        "'{\"faithfulness\": \"A\"}', '{}', '[]', '', "
        f"CASE WHEN k.i = {EACH} THEN 0.5 + (t.id % 50) / 100.0 END, '{{}}', 1, 'screen', "
        f"20 + (t.id + k.i) % 40, 15 + (t.id + k.i) % 30, {moment} {votes}",
    )
    _run(
        session,
        "INSERT INTO events (at, kind, task_id, assignment_id, assessor_id, details) SELECT a.reserved_at, "
        "kinds.kind, a.task_id, a.id, a.assessor_id, '{}' FROM assignments a CROSS JOIN "
        "(SELECT 'reserved' AS kind UNION ALL SELECT 'submitted') kinds",
    )
    _run(
        session,
        f"UPDATE tasks SET people_places = {EACH - 1}, machine_places = 1, overlap = {EACH - 1}, "
        f"open_to_people = pool <> 'main', open_to_machines = pool <> 'main' WHERE id <= {judged}",
    )


def _fill_findings(session: Session, tasks: int) -> None:
    """Make preferences, clusters, reviews, signals and the audit log."""
    _run(
        session,
        "INSERT INTO preferences (pair_id, verdict, posterior, margin, votes, people, machines, method, "
        f"uncertainty, lineage, created_at) SELECT pair_id, {_NAMES.format('(id * 7) % 6')}, "
        '\'{"first": 0.7, "second": 0.1, "tie": 0.1, "both_bad": 0.1}\', 0.6, \'[]\', people_places, '
        "machine_places, 'dawid_skene', 0.3, '{}', CURRENT_TIMESTAMP FROM tasks "
        "WHERE people_places > 0 AND pool = 'main'",
    )
    _run(
        session,
        "INSERT INTO clusters (id, number, name, keywords, gaps, figures, created_at) "
        f"{NUMBERS} SELECT i, i - 1, 'cluster ' || i, '[]', '[]', '{{}}', CURRENT_TIMESTAMP FROM n",
        count=20,
    )
    _run(
        session,
        "INSERT INTO cluster_members (question_id, cluster_id, x, y) SELECT id, 1 + id % 20, "
        "(id % 317) / 10.0, (id % 211) / 10.0 FROM questions",
    )
    _run(
        session,
        "INSERT INTO reviews (task_id, reason, state, verdict, note, opened_at) SELECT id, 'disagreement', "
        "CASE WHEN id % 4 = 0 THEN 'open' ELSE 'decided' END, 'tie', '', CURRENT_TIMESTAMP FROM tasks "
        "WHERE id % 101 = 0 AND people_places > 0 AND pool = 'main'",
    )
    _run(
        session,
        "INSERT INTO signals (assessor_id, kind, strength, evidence, created_at, settled_by, resolution) "
        "SELECT id, 'fast', 0.5, '{}', CURRENT_TIMESTAMP, '', '' FROM assessors",
    )
    _run(
        session,
        "INSERT INTO audit_entries (at, actor, action, target, details) "
        f"{NUMBERS} SELECT CURRENT_TIMESTAMP, 'anna', 'campaign.change', 'default', '{{}}' FROM n",
        count=tasks // 10,
    )


def _settle_numbers(session: Session) -> None:
    """Let PostgreSQL go on counting after the ids that were written by hand."""
    if store_is_sqlite(session):
        return
    for table in ("assessors", "assignments", "judgements", "clusters"):
        session.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        )


def store_is_sqlite(session: Session) -> bool:
    """Tell whether a session works on SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def _run(session: Session, statement: str, **values: int) -> None:
    session.execute(text(statement), values)
