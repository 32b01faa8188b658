"""Write tasks and a labelling config as files that Label Studio takes in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from annotate.bridges.label_studio.config import labelling_config
from annotate.bridges.label_studio.tasks import task_data
from annotate.errors import BridgeError
from annotate.labelling import PairView


def export_tasks(pairs: Iterable[PairView], folder: Path) -> int:
    """Write `config.xml` and `tasks.json` into a folder; return the number of tasks."""
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.xml").write_text(labelling_config(), "utf-8")
        with (folder / "tasks.json").open("w", encoding="utf-8") as sink:
            sink.write("[")
            for pair in pairs:
                sink.write(",\n" if count else "\n")
                sink.write(json.dumps({"data": task_data(pair)}, ensure_ascii=False))
                count += 1
            sink.write("\n]\n")
    except OSError as error:
        raise BridgeError(f"{folder}: cannot be written: {error.strerror}") from error
    return count
