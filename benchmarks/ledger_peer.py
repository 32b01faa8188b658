"""Label in a real Label Studio server over its HTTP API, as one client: next task, submit, and again."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import numpy as np
from rich.progress import track

from benchmarks.label_studio_server import start_label_studio

CONFIG = """<View><Text name="a" value="$answer_a"/><Text name="b" value="$answer_b"/>
<Choices name="verdict" toName="a" choice="single" required="true"><Choice value="A_better"/>
<Choice value="tie"/><Choice value="B_better"/></Choices></View>"""
WARM_UP = 3
AT_ONCE = 2000  # tasks imported in one call


def measure_label_studio(folder: Path, tasks: int, cycles: int) -> dict[str, float]:
    """Return the milliseconds of a cycle (next and submit) in a project of so many tasks, and cycles/s."""
    with start_label_studio(folder) as server:
        headers = {"Authorization": f"Token {server.legacy_token}"}
        with httpx.Client(base_url=server.base_url, headers=headers, timeout=300) as client:
            project = _project(client, tasks)
            for _ in range(WARM_UP):
                _cycle(client, project)
            seconds = []
            started = time.perf_counter()
            for _ in track(range(cycles), description="Label Studio"):
                before = time.perf_counter()
                _cycle(client, project)
                seconds.append(time.perf_counter() - before)
            wall = time.perf_counter() - started
    took = np.array(seconds) * 1000
    return {
        "p50": float(np.quantile(took, 0.5)),
        "p95": float(np.quantile(took, 0.95)),
        "per_second": cycles / wall,
    }


def _project(client: httpx.Client, tasks: int) -> int:
    settings = {"title": "ledger benchmark", "label_config": CONFIG, "maximum_annotations": 3}
    project = int(client.post("/api/projects/", json=settings).raise_for_status().json()["id"])
    for first in track(range(0, tasks, AT_ONCE), description="tasks for Label Studio"):
        rows = [
            {"data": {"answer_a": f"an answer of ordinary length, {n}", "answer_b": f"another one, {n}"}}
            for n in range(first, min(first + AT_ONCE, tasks))
        ]
        client.post(f"/api/projects/{project}/import", json=rows).raise_for_status()
    return project


def _cycle(client: httpx.Client, project: int) -> None:
    task = client.get(f"/api/projects/{project}/next").raise_for_status().json()
    result = [{"from_name": "verdict", "to_name": "a", "type": "choices", "value": {"choices": ["A_better"]}}]
    said = {"result": result, "lead_time": 5.0}
    client.post(f"/api/tasks/{task['id']}/annotations/", json=said).raise_for_status()
