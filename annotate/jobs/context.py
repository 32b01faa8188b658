"""Join a workspace with its database, corpus and models; every model loads on first use."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotate.errors import SettingsError
from annotate.labelling import GuidelineVersion, adopt_guidelines
from annotate.settings import (
    ContenderSettings,
    EmbeddingEndpointSettings,
    EndpointSettings,
    Workspace,
)
from annotate.store import ModelVersion, Store, open_store
from rag import (
    Answerer,
    Contender,
    Corpus,
    Decoding,
    EndpointGenerator,
    Generator,
    Launcher,
    ModelError,
    OpenVinoGenerator,
    Reranker,
    Retriever,
    open_indexes,
)
from rag.chunkers import make_chunker
from rag.embedders import Embedder, EndpointEmbedder, LocalEmbedder
from rag.ingestion import Progress
from rag.models.defaults import fetch_e5_small, fetch_smollm2
from rag.preparation import Preparation
from rag.rerankers import open_reranker

if TYPE_CHECKING:
    from openai import OpenAI

RERANKING_ROLES = ("reranker", "reward_head")  # whose champion can rerank, the one made for it first
log = logging.getLogger("pairloop.models")


@dataclass(frozen=True)
class ChampionReranker:
    """Rerank by a champion; answers report the fingerprint that it has in the registry."""

    fingerprint: str
    weights: Reranker

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return a score (n,) for each text."""
        return self.weights.score(query, texts)


class Context:
    """Hold what the jobs of one workspace work on."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.settings = workspace.settings

    @classmethod
    def open(cls, folder: Path) -> Context:
        """Open an existing workspace; raise SettingsError or StoreError when it is unusable."""
        context = cls(Workspace.open(folder))
        _ = context.store
        return context

    @cached_property
    def store(self) -> Store:
        """Return the platform's database."""
        return open_store(self.workspace.database_url)

    @cached_property
    def corpus(self) -> Corpus:
        """Return the documents, kept in the same database."""
        return Corpus(self.store.engine, self.store.writing_engine)

    @cached_property
    def preparation(self) -> Preparation:
        """Return how documents are prepared; raise rag.CorpusError for settings that no chunker takes."""
        settings = self.settings.ingestion
        options: dict[str, Any] = dict(settings.chunker_settings)
        if settings.chunker == "tokens" and "tokenizer" not in options:
            options["tokenizer"] = self.local_embedder.folder
        if settings.chunker == "semantic":
            options["embedder"] = self.embedder
        return Preparation.of(
            make_chunker(settings.chunker, **options),
            junk=settings.junk,
            duplicate_threshold=settings.duplicate_threshold or None,
            enriched=settings.enriched,
        )

    @cached_property
    def guideline(self) -> GuidelineVersion:
        """Return the current version of the assessors' guidelines."""
        return adopt_guidelines(self.store, self.workspace.guidelines)

    @cached_property
    def embedder(self) -> Embedder:
        """Return the embedder of the settings; the key of an endpoint is PAIRLOOP_EMBEDDING_KEY."""
        if self.settings.models.embedder != "endpoint":
            return self.local_embedder
        settings = self.settings.embedding_endpoint
        client = open_client("embedding_endpoint", settings, "PAIRLOOP_EMBEDDING_KEY")
        return EndpointEmbedder(client, settings.model, settings.query_prefix, settings.passage_prefix)

    @cached_property
    def local_embedder(self) -> LocalEmbedder:
        """Return the embedder whose weights lie here, by which tokens are counted and heads are trained.

        It is that of the settings, or the default one where the settings name an endpoint.
        """
        name = self.settings.models.embedder
        if name in ("default", "endpoint"):
            return LocalEmbedder(fetch_e5_small(self.workspace.models))
        return LocalEmbedder(Path(name).expanduser())

    @cached_property
    def default_gguf(self) -> Path:
        """Return the weights of the default generator."""
        name = self.settings.models.generator
        return fetch_smollm2(self.workspace.models) if name == "default" else Path(name).expanduser()

    @cached_property
    def endpoint(self) -> EndpointGenerator:
        """Return the generator behind the endpoint of the settings; the key is PAIRLOOP_API_KEY."""
        settings = self.settings.endpoint
        client = open_client("endpoint", settings, "PAIRLOOP_API_KEY")
        return EndpointGenerator(client, settings.model, settings.concurrency)

    def retriever(self, progress: Progress | None = None) -> Retriever:
        """Return a retriever on indexes that fit the corpus, built first where they do not."""
        from annotate.jobs.indexes import choose_backends

        backends = choose_backends(self)
        indexes = open_indexes(self.corpus, self.embedder, self.workspace.indexes, progress, backends)
        return Retriever(self.corpus, self.embedder, indexes, self.reranker)

    @property
    def reranker(self) -> Reranker | None:
        """Return the reranker of the settings, else the champion if a contender reranks, else none.

        A champion that cannot be opened is passed over, with one line in the log.
        """
        if self.settings.models.reranker:
            return self._named_reranker
        if not any(contender.rerank for contender in self.settings.contenders):
            return None
        opened = (self._opened(version) for version in self._reranking_champions())
        return next((found for found in opened if found), None)

    @cached_property
    def _named_reranker(self) -> Reranker:
        return open_reranker(Path(self.settings.models.reranker).expanduser())

    def _reranking_champions(self) -> list[ModelVersion]:
        from annotate.jobs.models import champion

        numbers = [found[0] for role in RERANKING_ROLES if (found := champion(self.store, role))]
        with self.store.reading() as session:
            return [session.get_one(ModelVersion, number) for number in numbers]

    def _opened(self, version: ModelVersion) -> ChampionReranker | None:
        if version.fingerprint not in self._champion_rerankers:
            made = None
            try:
                made = ChampionReranker(version.fingerprint, open_reranker(Path(version.path) / "model"))
            except ModelError as error:
                log.warning(
                    "model %s, the champion of the role %s, does not rerank: %s; "
                    "train it again or go back to the one before: pairloop models --rollback %s",
                    *(version.id, version.role, error, version.role),
                )
            self._champion_rerankers[version.fingerprint] = made
        return self._champion_rerankers[version.fingerprint]

    @cached_property
    def _champion_rerankers(self) -> dict[str, ChampionReranker | None]:
        return {}

    def answerer(self, retriever: Retriever, generator: Generator) -> Answerer:
        """Return an answerer that first decides, by the settings, whether to answer at all."""
        name = self.settings.models.launch
        if name == "default":
            return Answerer(retriever, generator)
        weights = None if name == "rules" else Path(name).expanduser()
        return Answerer(retriever, generator, Launcher(self.embedder, weights))

    def generator(self, name: str) -> Generator:
        """Return the generator called `default`, `champion` or `endpoint`."""
        if name == "endpoint":
            return self.endpoint
        from annotate.jobs.models import champion_gguf

        return self._local((champion_gguf(self.store) if name == "champion" else None) or self.default_gguf)

    def _local(self, gguf: Path) -> OpenVinoGenerator:
        if gguf not in self._loaded:
            self._loaded[gguf] = OpenVinoGenerator(gguf, self.settings.models.generator_precision)
        return self._loaded[gguf]

    def generator_from(self, gguf: Path) -> OpenVinoGenerator:
        """Return a generator on given weights."""
        return self._local(gguf)

    @cached_property
    def _loaded(self) -> dict[Path, OpenVinoGenerator]:
        return {}

    def contenders(self) -> list[tuple[Contender, str]]:
        """Return the contenders of the settings, each with the name of its generator.

        They do without a champion reranker that is gone, and say so by another fingerprint.
        """
        made: list[tuple[Contender, str]] = [
            (to_contender(settings), settings.model) for settings in self.settings.contenders
        ]
        if any(contender.rerank for contender, _ in made) and self._lost_its_reranker():
            return [(replace(contender, rerank=0), model) for contender, model in made]
        return made

    def _lost_its_reranker(self) -> bool:
        return self.reranker is None and bool(self._reranking_champions())


def open_client(
    section: str, settings: EndpointSettings | EmbeddingEndpointSettings, key_variable: str
) -> OpenAI:
    """Return a client of a server; its key is read from the environment alone."""
    if not settings.base_url or not settings.model:
        raise SettingsError(f"no endpoint: set base_url and model under [{section}] in pairloop.toml")
    from openai import OpenAI

    return OpenAI(
        base_url=settings.base_url,
        api_key=os.environ.get(key_variable, "none"),
        timeout=settings.timeout_seconds,
        max_retries=settings.max_retries,
    )


def to_contender(settings: ContenderSettings) -> Contender:
    """Turn settings into a contender; raise rag.ContenderError when they contradict each other."""
    values = settings.model_dump()
    decoding = Decoding(
        **{
            key: values.pop(key)
            for key in ("max_new_tokens", "temperature", "top_p", "repetition_penalty", "seed")
        }
    )
    return Contender(decoding=decoding, **values)
