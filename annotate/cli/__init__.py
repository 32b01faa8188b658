"""Speak to people at a terminal: the command `pairloop`."""

from __future__ import annotations

import os
import sys
import warnings

# Set before any library that reads them: no hub, no telemetry, no bars but our own.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Two engines share the cores: a thread that waits must not spin.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENVINO_TELEMETRY_DISABLED", "1")

import typer

from annotate import __version__
from annotate.cli.console import errors
from annotate.cli.lazy import Verb, lazy_group

INTERRUPTED = 130  # what a shell calls a command that Ctrl-C ended
ERRORS = (
    ("annotate.errors", "PairloopError"),
    ("rag.errors", "RagError"),
    ("active.errors", "ActiveError"),
    ("training.errors", "TrainingError"),
)

# The help is the first line of the function's docstring, or the `help` of the group of commands.
VERBS = (
    Verb("init", "workspace:init", "Make a workspace: a folder with a commented pairloop.toml."),
    Verb("ingest", "corpus:ingest", "Bring documents in; only what changed is read again."),
    Verb(
        "documents",
        "documents:app",
        "See what became of each document, put back what was left out, or remove some.",
    ),
    Verb("index", "index:app", "Rebuild the indexes, or tell whether they fit the corpus."),
    Verb("ask", "corpus:ask", "Answer a question from the documents, by the first contender or another."),
    Verb("answer", "answering:answer", "Answer many questions by the first contender, one JSON line each."),
    Verb("precompute", "answering:precompute", "Answer the most asked questions ahead; drop what is stale."),
    Verb("pairs", "corpus:pairs", "Let the two contenders answer the questions that lack a pair from them."),
    Verb("select", "labelling:select", "Choose the pairs that are worth a label and make tasks of them."),
    Verb(
        "label",
        "labelling:label",
        "Let machine assessors judge the waiting pairs; people do so in `pairloop ui`.",
    ),
    Verb("campaigns", "campaigns:app", "Open, pause and close campaigns of labelling, and set their rules."),
    Verb("assessors", "labelling:users_app", "List, add and stop assessors."),
    Verb("users", "users:app", "Keep accounts: list, add, invite, change roles, disable, issue tokens."),
    Verb(
        "guideline", "quality_control:guideline_app", "See the guidelines' versions, changes, confirmations."
    ),
    Verb("gold", "gold:app", "Keep tasks whose verdict is known: gold, training, exam."),
    Verb("review", "quality_control:review_app", "Give disputed tasks a second look."),
    Verb("signals", "quality_control:signals_app", "See and settle the signs of careless work."),
    Verb("label-studio", "label_studio:app", "Label in Label Studio: create or adopt a project, push, pull."),
    Verb("quality", "labelling:quality", "Show how far the assessors agree and can be trusted."),
    Verb(
        "gaps",
        "gaps:gaps",
        "Cluster the questions and show which clusters lack sources, labels or quality.",
    ),
    Verb("bench", "benches:app", "Measure on labels you have what choosing pairs saves."),
    Verb("import", "exchange:import_", "Take in judgements that were made elsewhere."),
    Verb("export", "exchange:export", "Write preferences or judgements, or the pairs as Label Studio tasks."),
    Verb("train", "models:train", "Train a model of any kind on what the workspace holds."),
    Verb("runs", "models:runs", "List the training runs; show, cancel or resume one."),
    Verb(
        "worker",
        "training_queue:worker",
        "Run the queued training runs, the most urgent first; start again those that died.",
    ),
    Verb(
        "triggers",
        "training_queue:triggers",
        "List the trainings that start by themselves; make, change, stop or start one.",
    ),
    Verb(
        "models",
        "models:models",
        "List the model versions, the champions and the decisions of the gate; promote one, or go back.",
    ),
    Verb(
        "evaluate",
        "evaluation:app",
        "Measure retrieval, answers, a tuned policy, or how far a reward model may be pushed.",
    ),
    Verb(
        "ui",
        "serving:ui",
        "Serve the screens and the API; the first start prints an administrator's one-time password.",
    ),
    Verb(
        "demo",
        "demo:demo",
        "Close the whole loop once on real documents, print what came out, and open the screens.",
    ),
)

app = typer.Typer(
    cls=lazy_group(VERBS),
    help="Turn the answers of a RAG system into preferences, and the preferences into a better RAG system.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None: ...


def main() -> None:
    """Run a command; what goes wrong on purpose ends with one line and exit status 1."""
    warnings.filterwarnings("ignore", module=r"transformers|torch|sentence_transformers|hdbscan")
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            errors.print("interrupted; start the same command again to go on")
        raise
    except Exception as error:
        said = _said(error)
        if said is None:
            raise
        errors.print(f"pairloop: {' '.join(said.split())}", style="red", markup=False, soft_wrap=True)
        sys.exit(1)


def _said(error: Exception) -> str | None:
    """Return what to tell of an error that was raised on purpose, or nothing of a defect."""
    if _is(error, "sqlalchemy.exc", "SQLAlchemyError"):
        return f"the database refused: {str(error.__cause__ or error).splitlines()[0]}"
    return str(error) if any(_is(error, module, name) for module, name in ERRORS) else None


def _is(error: Exception, module: str, name: str) -> bool:
    """Tell whether an error is of a class, without importing it: what was never loaded raised nothing."""
    return module in sys.modules and isinstance(error, getattr(sys.modules[module], name))
