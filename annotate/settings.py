"""Read the settings of a workspace: `pairloop.toml`, overridden by the environment.

A workspace is a folder that holds the settings, the database, the indexes and the runs.
Secrets are never read from the file: the key of an endpoint comes from PAIRLOOP_API_KEY, that of
an endpoint for vectors from PAIRLOOP_EMBEDDING_KEY.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as EnvironmentValueError

from annotate.errors import SettingsError

SETTINGS_FILE = "pairloop.toml"


class Section(BaseModel):
    """Refuse keys that nobody reads: a misspelt setting is an error, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(Section):
    """Say where the database is; empty means `pairloop.db` in the workspace."""

    url: str = ""


class ModelSettings(Section):
    """Name the models; `default` means the ones that are fetched without an account.

    The embedder `endpoint` is the server under `[embedding_endpoint]`.
    """

    folder: str = ""
    embedder: str = "default"
    generator: str = "default"
    generator_precision: Literal["exact", "fast"] = "exact"
    reranker: str = ""
    launch: str = "default"


class EndpointSettings(Section):
    """Describe an OpenAI-compatible server; the key comes from PAIRLOOP_API_KEY."""

    base_url: str = ""
    model: str = ""
    timeout_seconds: float = 60.0
    max_retries: int = 3
    concurrency: int = 4


class EmbeddingEndpointSettings(Section):
    """Describe an OpenAI-compatible server of vectors; the key comes from PAIRLOOP_EMBEDDING_KEY.

    The prefixes are what the model wants before questions and before passages.
    """

    base_url: str = ""
    model: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""
    timeout_seconds: float = 60.0
    max_retries: int = 3


class IngestionSettings(Section):
    """Set how documents are judged, cut and looked through before they are indexed.

    `chunker_settings` are those of the chunker: `{size = 800, overlap = 100}`. A
    `duplicate_threshold` of 0 keeps near duplicates.
    """

    chunker: str = "paragraphs"
    chunker_settings: dict[str, int | float | str] = {}
    junk: bool = True
    duplicate_threshold: float = Field(default=0.8, ge=0.0, le=1.0)
    enriched: bool = True


class IndexSettings(Section):
    """Choose the search engines; a server's password or key comes from the environment.

    `pgvector` and `postgres` use the database of the workspace, which must then be PostgreSQL.
    """

    vectors: Literal["faiss", "pgvector", "qdrant", "chroma"] = "faiss"
    words: Literal["tantivy", "postgres"] = "tantivy"
    qdrant_url: str = ""


class ContenderSettings(Section):
    """Describe one way of answering; see rag.Contender."""

    name: str
    model: Literal["champion", "default", "endpoint"] = "champion"
    style: str = "cited"
    opening: bool = False
    attribution: bool = False
    mode: str = "fusion"
    passages: int = 3
    budget_tokens: int = 700
    max_new_tokens: int = 72
    temperature: float = 0.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int = 0
    recency_half_life_days: float | None = None
    diversity: float = 0.0
    neighbours: int = 0
    rerank: int = 0


class LabellingSettings(Section):
    """Set overlap and leases."""

    overlap: int = Field(default=2, ge=1)
    lease_seconds: int = Field(default=1800, ge=10)
    guidelines: str = ""


class SelectionSettings(Section):
    """Set how pairs are chosen."""

    strategy: str = "entropy"
    batch: int = Field(default=16, ge=1)
    audit_share: float = Field(default=0.15, ge=0.0, le=1.0)


class JudgeSettings(Section):
    """Choose the models behind the language-model judge, how they are asked and what they may cost.

    `panel` names further models of the endpoint, each a judge of its own. Prices are per million
    tokens. `accuracy` is what a machine's label must reach where the campaign names nothing.
    """

    model: Literal["default", "endpoint"] = "default"
    mode: Literal["logprobs", "structured"] = "logprobs"
    panel: tuple[str, ...] = ()
    guideline_tokens: int = Field(default=300, ge=0)
    input_price: float = Field(default=0.0, ge=0.0)
    output_price: float = Field(default=0.0, ge=0.0)
    accuracy: float = Field(default=0.9, gt=0.5, lt=1.0)
    person_price: float = Field(default=0.1, ge=0.0)


class TrainingSettings(Section):
    """Set the split and the length of the training runs that the loop starts."""

    test_share: float = Field(default=0.3, gt=0.0, lt=1.0)
    reward_steps: int = Field(default=16, ge=1)
    policy_steps: int = Field(default=8, ge=1)
    max_length: int = Field(default=640, ge=32)
    cpu_slots: int = Field(default=1, ge=1)  # of runs at a time: two on one CPU would only take longer
    gpu_ids: tuple[int, ...] = ()  # the GPUs that runs are dealt out; empty: a run sees whatever is there
    accelerate: tuple[str, ...] = ()  # arguments of `accelerate launch`, such as "--num_processes", "2"
    ray_address: str = ""  # of a Ray cluster's dashboard, such as http://127.0.0.1:8265


class AccessSettings(Section):
    """Say what a person becomes who signs in by OIDC and has no account: empty means nobody."""

    oidc_role: Literal["", "assessor", "lead", "engineer"] = ""


class WebhookSettings(Section):
    """Say whether webhooks may go to private addresses, such as those of an intranet."""

    allow_private: bool = False


class DemoSettings(Section):
    """Set the size of the demo; `topics` limits the corpus, for quick trials."""

    questions: int = Field(default=60, ge=4)
    topics: int | None = Field(default=None, ge=1)
    cold_start: int = Field(default=20, ge=1)
    uncertain: int = Field(default=12, ge=1)
    held_out: int = Field(default=24, ge=1)


class Settings(BaseSettings):
    """Hold all settings of a workspace."""

    model_config = SettingsConfigDict(env_prefix="PAIRLOOP_", env_nested_delimiter="__", extra="ignore")

    language: Literal["en", "ru"] = "en"
    seed: int = 0
    store: StoreSettings = StoreSettings()
    models: ModelSettings = ModelSettings()
    endpoint: EndpointSettings = EndpointSettings()
    embedding_endpoint: EmbeddingEndpointSettings = EmbeddingEndpointSettings()
    ingestion: IngestionSettings = IngestionSettings()
    index: IndexSettings = IndexSettings()
    labelling: LabellingSettings = LabellingSettings()
    selection: SelectionSettings = SelectionSettings()
    judge: JudgeSettings = JudgeSettings()
    training: TrainingSettings = TrainingSettings()
    access: AccessSettings = AccessSettings()
    webhooks: WebhookSettings = WebhookSettings()
    demo: DemoSettings = DemoSettings()
    contenders: tuple[ContenderSettings, ...] = (
        ContenderSettings(name="grounded", opening=True, passages=2, repetition_penalty=1.05),
        ContenderSettings(name="free", style="brief", attribution=True, temperature=0.7, top_p=0.9, seed=7),
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment override the file."""
        file = TomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, file


class Workspace:
    """Know where everything of one workspace lies."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read an existing workspace; raise SettingsError when there is none or it is broken."""
        folder = folder.expanduser().resolve()
        file = folder / SETTINGS_FILE
        if not file.is_file():
            raise SettingsError(f"{folder}: no workspace here; make one with `pairloop init {folder.name}`")
        return cls(folder, load_settings(file))

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL of the database."""
        return self.settings.store.url or f"sqlite:///{self.folder / 'pairloop.db'}"

    @property
    def indexes(self) -> Path:
        """Return the folder of the derived indexes."""
        return self.folder / "indexes"

    @property
    def runs(self) -> Path:
        """Return the folder of the training runs."""
        return self.folder / "runs"

    @property
    def models(self) -> Path:
        """Return the model cache: of the settings, else of the user."""
        if self.settings.models.folder:
            return Path(self.settings.models.folder).expanduser()
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cache / "pairloop" / "models"

    @property
    def guidelines(self) -> Path:
        """Return the folder of the assessors' guidelines, with one folder a language."""
        if self.settings.labelling.guidelines:
            return Path(self.settings.labelling.guidelines).expanduser()
        packaged = Path(__file__).parent / "instructions"
        return packaged if packaged.is_dir() else Path(__file__).parents[1] / "instructions"


def load_settings(file: Path) -> Settings:
    """Read a settings file; raise SettingsError naming the file and the key."""
    try:
        with file.open("rb") as source:
            known = set(Settings.model_fields)
            unknown = set(tomllib.load(source)) - known
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from error
    if unknown:
        raise SettingsError(
            f"{file}: unknown setting {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}"
        )
    reader = type("FileSettings", (Settings,), {"model_config": {**Settings.model_config, "toml_file": file}})
    try:
        settings: Settings = reader()
    except EnvironmentValueError as error:
        raise SettingsError(f"{file}: the environment over it: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{file}: {place}: {first['msg']}") from error
    return settings
