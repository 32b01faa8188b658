"""Keep one format a file; each is found by its name."""

from __future__ import annotations

from annotate.bridges.formats.alpaca_eval import AlpacaEval
from annotate.bridges.formats.argilla import Argilla
from annotate.bridges.formats.base import JUDGEMENTS, PREFERENCES, Entry, Format, ReadOptions, Row
from annotate.bridges.formats.csv_tables import Csv
from annotate.bridges.formats.datasets_folder import DatasetsFolder
from annotate.bridges.formats.jsonl import Jsonl
from annotate.bridges.formats.kto import Kto
from annotate.bridges.formats.label_studio import LabelStudioJson
from annotate.bridges.formats.mt_bench import MtBench
from annotate.bridges.formats.records import COLUMNS, JudgementRecord
from annotate.bridges.formats.reward import Reward
from annotate.bridges.formats.rows import Rows
from annotate.bridges.formats.trl import Trl
from annotate.errors import BridgeError

_ALL: tuple[Format, ...] = (
    Trl("trl"),
    Trl("trl-implicit", explicit=False),
    Trl("trl-standard", conversational=False),
    Trl("trl-standard-implicit", conversational=False, explicit=False),
    Rows("rows"),
    Kto("kto"),
    Kto("kto-standard", conversational=False),
    Reward("reward"),
    Reward("reward-implicit", explicit=False),
    Reward("reward-standard", conversational=False),
    Csv("csv"),
    Jsonl("jsonl"),
    DatasetsFolder("datasets"),
    Argilla("argilla"),
    AlpacaEval("alpaca-eval"),
    MtBench("mt-bench"),
    LabelStudioJson("label-studio"),
)
FORMATS: dict[str, Format] = {form.name: form for form in _ALL}


def format_named(name: str) -> Format:
    """Return the format of a name; raise BridgeError naming those that exist."""
    if name not in FORMATS:
        raise BridgeError(f"unknown format {name}; known: {', '.join(FORMATS)}")
    return FORMATS[name]


__all__ = [
    "COLUMNS",
    "FORMATS",
    "JUDGEMENTS",
    "PREFERENCES",
    "Entry",
    "Format",
    "JudgementRecord",
    "ReadOptions",
    "Row",
    "format_named",
]
