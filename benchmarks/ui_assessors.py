"""Let many assessors work by the desk's own protocol: hold pairs ahead, judge, and take the next.

    python -m benchmarks.ui_assessors ADDRESS SECONDS THINK_SECONDS < cookies, one a line

Each assessor is a connection of its own with the session cookie of a browser. The thinking times are
log-normal about their median, as those of people are; with 0 there is no pause at all.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

AHEAD = 3  # pairs that a browser holds
SPREAD = 0.5  # sigma of the logarithm of a thinking time
VERDICTS = ("A_much_better", "A_better", "tie", "B_better", "B_much_better", "both_bad")
HEADERS = {"X-Pairloop": "1", "Sec-Fetch-Site": "same-origin"}  # as the browser sends them


@dataclass
class Tally:
    """Count what became of the verdicts, and keep the milliseconds of each request."""

    statuses: Counter[str] = field(default_factory=Counter)
    took_ms: list[float] = field(default_factory=list)
    recorded: list[int] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)


async def work(
    client: httpx.AsyncClient, until: float, think_seconds: float, rng: np.random.Generator, tally: Tally
) -> None:
    """Judge pairs until a moment (of `time.monotonic`); at the end the verdict under way is sent still."""
    cards: list[dict[str, Any]] = []
    while time.monotonic() < until:
        if not cards:
            cards = (await _post(client, "take", {"count": AHEAD, "holding": []}, tally)).get("cards", [])
            if not cards:
                await asyncio.sleep(1)
                continue
        if think_seconds:
            await asyncio.sleep(min(float(rng.lognormal(np.log(think_seconds), SPREAD)), 60.0))
        card = cards.pop(0)
        body = {
            "assignment": card["assignment"],
            "key": f"{rng.integers(2**62):x}-bench",
            "verdict": VERDICTS[int(rng.integers(len(VERDICTS)))],
            "seconds": 5.0,
            "active_seconds": 4.0,
            "guideline": card["guideline"],
            "count": AHEAD,
            "holding": [one["assignment"] for one in cards],
        }
        began = time.perf_counter()
        answer = await _post(client, "judge", body, tally)
        tally.took_ms.append(1000 * (time.perf_counter() - began))
        status = answer.get("status", "failed")
        tally.statuses[status] += 1
        if status in ("recorded", "again"):
            tally.recorded.append(int(card["assignment"]))
        known = {one["assignment"] for one in cards}
        cards += [one for one in answer.get("cards", []) if one["assignment"] not in known]


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """Send a request as the card does: what fails on the way is sent again with the same key."""
    for pause in (0.2, 1.0, 3.0, 10.0, 20.0, 20.0):
        try:
            answer = await client.post(f"/api/v1/desk/{path}", json=body)
        except httpx.HTTPError as error:
            tally.failures[type(error).__name__] += 1
        else:
            if answer.status_code == httpx.codes.OK:
                return dict(answer.json())
            tally.failures[str(answer.status_code)] += 1
            if answer.status_code < 500 and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return {}
        await asyncio.sleep(pause)
    return {}


async def work_together(address: str, cookies: list[str], seconds: float, think_seconds: float) -> Tally:
    """Let all of them work; return what became of it."""
    from annotate.access.sessions import COOKIE

    tally = Tally()
    until = time.monotonic() + seconds
    clients = [
        httpx.AsyncClient(base_url=address, cookies={COOKIE: one}, headers=HEADERS, timeout=30)
        for one in cookies
    ]
    streams = np.random.default_rng(5).spawn(len(clients))
    try:
        await asyncio.gather(
            *(
                work(client, until, think_seconds, rng, tally)
                for client, rng in zip(clients, streams, strict=True)
            )
        )
    finally:
        for client in clients:
            await client.aclose()
    return tally


def start_assessors(
    address: str, cookies: list[str], seconds: float, think_seconds: float
) -> subprocess.Popen[str]:
    """Start the assessors in a process of their own, so that they do not slow the one that measures."""
    command = [sys.executable, "-m", "benchmarks.ui_assessors", address, str(seconds), str(think_seconds)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if process.stdin is not None:
        process.stdin.write("\n".join(cookies) + "\n")
        process.stdin.close()
        process.stdin = None
    return process


def read_tally(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for the end of the assessors and return what they counted."""
    printed = process.communicate()[0]
    if process.returncode:
        raise SystemExit("the assessors ended early")
    return dict(json.loads(printed))


def main() -> None:
    """Work, and print the counts."""
    address, seconds, think_seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    cookies = [line.strip() for line in sys.stdin if line.strip()]
    tally = asyncio.run(work_together(address, cookies, seconds, think_seconds))
    took = np.array(tally.took_ms or [0.0])
    print(
        json.dumps(
            {
                "statuses": dict(tally.statuses),
                "failures": dict(tally.failures),
                "recorded": tally.recorded,
                "p50": float(np.quantile(took, 0.5)),
                "p95": float(np.quantile(took, 0.95)),
                "per_second": len(tally.took_ms) / seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
