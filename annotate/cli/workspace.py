"""Command `init`: make a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.console import out
from annotate.errors import SettingsError
from annotate.settings import SETTINGS_FILE

TEMPLATE = """\
# Settings of a Pairloop workspace. Every line may be left out; what stands here is the default.
# An environment variable overrides a line: PAIRLOOP_LABELLING__OVERLAP=3. Secrets never stand
# here: the key of the endpoint is read from PAIRLOOP_API_KEY, that of [embedding_endpoint] from
# PAIRLOOP_EMBEDDING_KEY.

# language = "en"            # of the screens: "en" or "ru"
# seed = 0

[store]
# url = ""                   # empty: pairloop.db in this folder; or postgresql+psycopg://user@host/name

[models]
# folder = ""                # model cache; empty: ~/.cache/pairloop/models
# embedder = "default"       # multilingual-e5-small, or the folder of a sentence-transformers model,
                             # or "endpoint": the one below
# generator = "default"      # SmolLM2-135M-Instruct, or the path of a GGUF file
# generator_precision = "exact"  # "fast": bfloat16 and 8-bit keys and values; texts differ a little
# reranker = ""              # folder of a CrossEncoder or a reward head; empty: the champion of the
                             # role reranker, else reward_head; contenders say `rerank = 20`
# launch = "default"         # or "rules", or a folder that `python -m rag.launch.train` made

[endpoint]                   # an OpenAI-compatible server: vLLM, Ollama, OpenAI and others
# base_url = ""              # http://localhost:8000/v1
# model = ""
# timeout_seconds = 60.0
# max_retries = 3
# concurrency = 4

[embedding_endpoint]         # an OpenAI-compatible server of vectors, for `embedder = "endpoint"`
# base_url = ""              # http://localhost:8080/v1
# model = ""
# query_prefix = ""          # what the model wants before a question, such as "query: "
# passage_prefix = ""        # and before a passage, such as "passage: "
# timeout_seconds = 60.0
# max_retries = 3

[ingestion]
# chunker = "paragraphs"     # or "characters", "tokens", "sentences", "semantic"
# chunker_settings = {}      # such as {size = 800, overlap = 100}
# junk = true                # leave menus, logs and the like out; `pairloop documents` lists them
# duplicate_threshold = 0.8  # of near duplicates one is indexed; 0 keeps all
# enriched = true            # note dates, keywords and named entities

[index]
# vectors = "faiss"          # or "pgvector", "qdrant", "chroma"
# words = "tantivy"          # or "postgres"
# qdrant_url = ""            # http://localhost:6333; its key is read from PAIRLOOP_QDRANT_KEY

[labelling]
# overlap = 2                # judgements wanted from people, and as many from machines
# lease_seconds = 1800
# guidelines = ""            # folder with en/*.md and ru/*.md; empty: the ones that come with Pairloop

[selection]
# strategy = "entropy"       # see `pairloop select --help`
# batch = 16
# audit_share = 0.15         # of each batch, drawn by lot: honest estimates need it

[judge]
# model = "default"          # or "endpoint"
# mode = "logprobs"          # or "structured": JSON by a schema
# panel = []                 # further models of the endpoint, each a judge of its own
# guideline_tokens = 300     # of the guidelines in its prompt
# input_price = 0.0          # per million tokens
# output_price = 0.0
# accuracy = 0.9             # what a machine's label must reach where the campaign names nothing
# person_price = 0.1         # of one judgement by a person

[training]
# test_share = 0.3           # of the questions, never trained on
# reward_steps = 16
# policy_steps = 8
# max_length = 640           # tokens of prompt and answer
# cpu_slots = 1              # runs at a time
# gpu_ids = []               # such as [0, 1]: GPUs dealt out to runs
# accelerate = []            # arguments of accelerate launch
# ray_address = ""           # such as http://127.0.0.1:8265

[access]
# oidc_role = ""             # role of people unknown so far who come by OIDC; empty: they are refused

[webhooks]
# allow_private = false      # true: webhooks may go to private addresses, such as an intranet's

# The two contenders whose answers are compared. The first is the policy that DPO tunes.
# model: "champion" (the promoted policy, at first the default), "default" or "endpoint".
[[contenders]]
name = "grounded"
model = "champion"
style = "cited"              # or "brief"
opening = true               # begin with "According to [1],": small models cite once they have begun to
passages = 2
repetition_penalty = 1.05

[[contenders]]
name = "free"
model = "champion"
style = "brief"
attribution = true           # add to uncited sentences the passage that supports them
passages = 3
temperature = 0.7
top_p = 0.9
seed = 7
"""


def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new workspace.")] = Path("workspace"),
) -> None:
    """Make a workspace: a folder with a commented pairloop.toml."""
    file = create(folder)
    out.print(f"Workspace {folder} is ready; its settings are in {file}.")
    out.print(f"Next: pairloop ingest YOUR_DOCUMENTS -w {folder}")


def create(folder: Path) -> Path:
    """Write the settings file; raise SettingsError when there is one already."""
    file = folder / SETTINGS_FILE
    if file.exists():
        raise SettingsError(f"{file} exists already; it is left as it is")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(TEMPLATE, "utf-8")
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be made a workspace: {error.strerror}") from error
    return file
