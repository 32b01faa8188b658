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
from sqlalchemy.exc import SQLAlchemyError

from active import ActiveError
from annotate import __version__
from annotate.cli import (
    answering,
    corpus,
    demo,
    documents,
    exchange,
    index,
    labelling,
    models,
    workspace,
)
from annotate.cli.console import errors, out
from annotate.errors import PairloopError
from rag import RagError
from training import TrainingError

app = typer.Typer(
    help="Turn the answers of a RAG system into preferences, and the preferences into a better RAG system.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    *(workspace.init, corpus.ingest, corpus.ask, corpus.pairs, answering.answer, answering.precompute),
    *(labelling.select, labelling.label, labelling.gaps, labelling.quality, exchange.export),
    *(models.train, models.runs, models.models, models.worker, demo.ui, demo.demo),
):
    app.command()(command)
app.command("import")(exchange.import_)
app.add_typer(documents.app, name="documents")
app.add_typer(index.index_app, name="index")
app.add_typer(models.evaluate_app, name="evaluate")
app.add_typer(labelling.users_app, name="users")


def _version(wanted: bool) -> None:
    if wanted:
        out.print(__version__)
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
    except (PairloopError, RagError, ActiveError, TrainingError) as error:
        _fail(str(error))
    except SQLAlchemyError as error:
        _fail(f"the database refused: {str(error.__cause__ or error).splitlines()[0]}")
    except KeyboardInterrupt:
        errors.print("interrupted; start the same command again to go on")
        sys.exit(130)


def _fail(message: str) -> None:
    errors.print(f"pairloop: {' '.join(message.split())}", style="red", markup=False, soft_wrap=True)
    sys.exit(1)
