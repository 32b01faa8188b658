"""Fill the workspaces that the pictures show: pairs at work, documents to answer from, months of work.

The figures of the runs are made up for the picture; everything else is computed from what is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from annotate.access.credentials import change_password
from annotate.access.permissions import operator
from annotate.actions.users import add_user, change_role, invite, set_enabled
from annotate.jobs.context import Context
from annotate.jobs.figures import measure_quality
from annotate.jobs.ingest import ingest_path
from annotate.labelling import Submission, register, release, reserve, submit
from annotate.labelling.controls.reviews import open_reviews
from annotate.labelling.guidelines import current_guideline
from annotate.labelling.verdicts import swap_verdict
from annotate.store import Run
from rag import Failure
from tests.annotate.ui.conftest import PAIRS, PASSWORD, open_workspace, seed
from tests.annotate.ui.screens.busy_ledger import fill

ROOT = Path(__file__).parents[1]
SETTINGS = """[[contenders]]
name = "grounded"
opening = true
passages = 3
max_new_tokens = 32
[[contenders]]
name = "free"
style = "brief"
temperature = 0.7
seed = 7
passages = 1
max_new_tokens = 20
"""
# Pair by pair: the second is disputed, the third agreed on; the first stays open for the labelling screen.
VOTES = {
    "Анна": {
        2: ("A_better", "B contradicts its source: an unlisted name raises AttributeError."),
        3: ("A_better", ""),
    },
    "Boris": {2: ("B_better", "A does not say that access gets faster."), 3: ("A_much_better", "")},
}
FINISHED = {"rows": {"train": 301, "test": 74, "dropped": 3}, "seconds": 1940.0, "peak_memory_mb": 1460.0}
LANGUAGES = {"Emma": ["en"], "Вера": ["ru"]}


def make_desk(folder: Path) -> None:
    """Make pairs, a dispute, a document corpus, runs and models."""
    seeded = seed(folder)
    guideline = current_guideline(seeded.store)
    for name, votes in VOTES.items():
        person = register(seeded.store, name, "person")
        for view in reserve(seeded.store, person.id, count=3):
            number = view.pair.pair_id
            if number not in votes:
                release(seeded.store, view.id, person.id)
                continue
            verdict, comment = votes[number]
            turned = view.pair.a.text != PAIRS[number - 1][3]
            said = swap_verdict(verdict) if turned else verdict
            submit(
                seeded.store, view.id, person.id,
                Submission(f"{name}-{view.id}", said, guideline.id, "screen", comment=comment),
            )  # fmt: skip
    for name, languages in LANGUAGES.items():
        register(seeded.store, name, "person", languages=languages)
    open_reviews(seeded.store)
    with seeded.store.writing.begin() as session:
        run = session.scalars(select(Run).where(Run.state == "finished")).one()
        run.result = {**run.result, **FINISHED}
    seeded.store.engine.dispose()
    context = Context.open(folder)
    _keep_house(context)
    _bring_documents(context)
    context.store.engine.dispose()


def make_answers(folder: Path) -> None:
    """Make a corpus that the small model answers from."""
    (folder / "pairloop.toml").write_text(SETTINGS, "utf-8")
    context = Context.open(folder)
    _bring_documents(context)
    context.store.engine.dispose()


def _bring_documents(context: Context) -> None:
    ingest_path(context, ROOT / "instructions")
    context.corpus.put_failure(Failure("scan-2019.pdf", "scan-2019.pdf", "no text in it"))


def _keep_house(context: Context) -> None:
    """Do what an audit log tells of."""
    for name, language in (("Ada", "en"), ("Мария", "ru")):
        admin, once = add_user(context, operator(), name, "admin", language=language)
        change_password(context.store, admin.id, once, PASSWORD)  # until then nothing else may be done
    sam, _ = add_user(context, operator(), "Sam", "assessor", language="en")
    change_role(context, operator(), sam.id, "lead")
    invite(context, operator(), "assessor", days=7)
    set_enabled(context, operator(), sam.id, enabled=False)


def make_months(folder: Path) -> None:
    """Make nine weeks of judgements by people and machines, measured and clustered."""
    opened = open_workspace(folder)
    fill(opened.store, ROOT / "instructions")
    opened.store.engine.dispose()
    context = Context.open(folder)
    measure_quality(context)
    context.store.engine.dispose()


WORKSPACES: dict[str, Callable[[Path], None]] = {
    "desk": make_desk,
    "answers": make_answers,
    "months": make_months,
}
