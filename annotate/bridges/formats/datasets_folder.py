"""Write and read a folder of Hugging Face `datasets`, as `save_to_disk` and `load_from_disk` know it.

The rows go to Arrow in batches, so that memory stays small. What is nested without a fixed shape
(lineage, reasons, passages) is JSON in a column of texts.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.base import JUDGEMENTS, PREFERENCES, Entry, Format, ReadOptions, Row
from annotate.bridges.formats.mappings import entry
from annotate.bridges.formats.messages import assistant
from annotate.bridges.formats.tables import flat, table, wanted
from annotate.errors import BridgeError

BATCH = 1000
_ARROW = "data-00000-of-00001.arrow"
_FLOATS = frozenset({"weight", "margin", "confidence", "seconds", "active_seconds"})
_CHATS = frozenset({"prompt", "chosen", "rejected"})  # so that TRL takes the folder as it is


class DatasetsFolder(Format):
    """Keep all columns in one split; preferences are conversational rows for TRL."""

    writes: ClassVar[frozenset[str]] = frozenset({PREFERENCES, JUDGEMENTS})

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:
        """Write the folder."""
        _require_datasets()
        from datasets import DatasetInfo, Features
        from datasets.arrow_writer import ArrowWriter

        names = wanted(content, columns)
        back = {theirs: ours for ours, theirs in names.items()}
        features = Features({theirs: _feature(ours) for ours, theirs in names.items()})
        target.mkdir(parents=True)
        writer = ArrowWriter(path=str(target / _ARROW), features=features, writer_batch_size=BATCH)
        for row in table(rows, content, columns):
            writer.write({name: _value(back[name], found) for name, found in row.items()})
        count, size = writer.finalize()
        writer.close()
        info = DatasetInfo(features=features, dataset_size=size)
        info.write_to_directory(str(target))
        (target / "state.json").write_text(json.dumps(_state()), "utf-8")
        return int(count)

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read the rows of every split; the number of an entry is that of its row."""
        _require_datasets()
        from datasets import DatasetDict, load_from_disk

        if not (source / "state.json").is_file() and not (source / "dataset_dict.json").is_file():
            raise BridgeError(f"{source}: not a folder of Hugging Face datasets")
        try:
            found = load_from_disk(str(source))
        except (OSError, ValueError, KeyError) as error:
            raise BridgeError(f"{source}: not a folder of Hugging Face datasets: {error}") from error
        splits = found.values() if isinstance(found, DatasetDict) else [found]
        rows = (row for split in splits for row in split)
        for number, row in enumerate(rows, start=1):
            yield entry(number, row, options)


def _require_datasets() -> None:
    if find_spec("datasets") is None:
        raise BridgeError("the library datasets is not installed: pip install 'pairloop[train]'")


def _feature(name: str) -> Any:
    from datasets import Value

    if name in _CHATS:
        return [{"role": Value("string"), "content": Value("string")}]
    if name == "swapped":
        return Value("bool")
    return Value("float64") if name in _FLOATS else Value("string")


def _value(name: str, found: Any) -> Any:
    if name in _CHATS:
        return assistant(found) if isinstance(found, str) else found
    return flat(name, found)


def _state() -> dict[str, Any]:
    return {
        "_data_files": [{"filename": _ARROW}],
        "_fingerprint": uuid.uuid4().hex[:16],
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": "train",
    }
