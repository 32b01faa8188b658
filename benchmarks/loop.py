"""Measure the whole loop: seconds a stage, cold and warm, tokens a second, peak memory.

    python -m benchmarks.loop [--quick]

The peer is transformers' `generate` in float32 on the same weights and prompts, in the same
process, once as it is usually called (one prompt at a time) and once in padded batches of
the size our engine uses. Interrupt it and start it again: finished parts are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from rich.progress import track

from benchmarks.results import WORK, Row, publish

TARGET = 8.0
NEW_TOKENS = 64
QUICK_SETTINGS = """\
[demo]
questions = 16
topics = 20
cold_start = 8
uncertain = 4
held_out = 6
[training]
reward_steps = 3
policy_steps = 3
"""


def main() -> None:
    """Measure what is not measured yet, and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--quick", action="store_true", help="a small demo and few prompts; writes no results"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    options = parser.parse_args()
    work = WORK / ("loop-quick" if options.quick else "loop")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    workspace = work / "workspace"
    workspace.mkdir(exist_ok=True)
    if options.quick:
        (workspace / "pairloop.toml").write_text(QUICK_SETTINGS, "utf-8")
    cold = _kept(work / "cold.json", lambda: _demo(workspace))
    warm = _demo(workspace)
    rows = _stage_rows(cold, warm)
    prompts = 8 if options.quick else 32
    for name, folder, gguf in _checkpoints(workspace):
        rate = _kept(work / f"tokens-{name}.json", lambda f=folder, g=gguf: _tokens(f, g, prompts))
        rows += _token_rows(name, rate)
    publish("loop", rows, write=not options.quick)


def _kept(file: Path, measure: Any) -> dict[str, Any]:
    """Return what an earlier start measured, or measure it."""
    if not file.exists():
        result = measure()
        file.write_text(json.dumps(result), "utf-8")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def _demo(workspace: Path) -> dict[str, Any]:
    """Run the demo as a command; return its report, its wall time and the peak memory of its processes."""
    report = workspace.parent / "report.json"
    command = [
        sys.executable,
        "-m",
        "annotate.cli",
        "demo",
        "-w",
        str(workspace),
        "--no-ui",
        "--json",
        str(report),
    ]
    started, peak = time.perf_counter(), 0
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    )
    while child.poll() is None:
        peak = max(peak, _memory(child.pid))
        time.sleep(0.25)
    if child.returncode:
        raise SystemExit(f"the demo failed with status {child.returncode}")
    return {
        "seconds": time.perf_counter() - started,
        "peak_mb": peak / 2**20,
        "report": json.loads(report.read_text("utf-8")),
    }


def _memory(pid: int) -> int:
    total = 0
    try:
        for process in (parent := psutil.Process(pid), *parent.children(recursive=True)):
            total += int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        pass
    return total


def _stage_rows(cold: dict[str, Any], warm: dict[str, Any]) -> list[Row]:
    stages = cold["report"]["seconds"]
    rows = [Row(f"stage {name}, seconds", seconds) for name, seconds in stages.items()]
    total = sum(stages.values())
    return [
        *rows,
        Row("all stages cold, seconds", total, target="≤ 600", holds=total <= 600),
        Row("demo cold, seconds of wall time", cold["seconds"]),
        Row(
            "demo warm, seconds of wall time", warm["seconds"], target="seconds", holds=warm["seconds"] <= 30
        ),
        Row("peak memory of all processes, MB", cold["peak_mb"]),
    ]


def _checkpoints(workspace: Path) -> list[tuple[str, Path, Path]]:
    """Return the base and the trained policy: as a transformers folder and as our engine's file."""
    from annotate.jobs.context import Context
    from annotate.jobs.models import POLICY_FILE
    from annotate.jobs.progress import Silent
    from annotate.jobs.train import policy_folder
    from annotate.reports import report_runs

    context = Context.open(workspace)
    run = next(Path(run.folder) for run in report_runs(context.store) if run.kind == "dpo" and run.result)
    return [
        ("base", policy_folder(context, Silent()), context.default_gguf),
        ("trained", run / "model", run / POLICY_FILE),
    ]


def _tokens(folder: Path, gguf: Path, count: int) -> dict[str, float]:
    """Return tokens a second of our engine and of transformers on the same prompts and weights."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from rag.generators import Decoding, OpenVinoGenerator
    from rag.generators.openvino import BATCH_SIZE

    prompts = _prompts(count)
    ours = OpenVinoGenerator(gguf)
    ours.generate(prompts[:2], Decoding(max_new_tokens=4))
    started = time.perf_counter()
    made = ours.generate(prompts, Decoding(max_new_tokens=NEW_TOKENS))
    rate = {"ours": sum(one.new_tokens for one in made) / (time.perf_counter() - started)}

    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    texts = [tokenizer.apply_chat_template(p, tokenize=False, add_generation_prompt=True) for p in prompts]
    for name, size in (("one at a time", 1), (f"batches of {BATCH_SIZE}", BATCH_SIZE)):
        chosen = texts[:4] if size == 1 else texts  # one at a time is slow; four prompts tell the rate
        new, seconds = 0, 0.0
        for at in track(range(0, len(chosen), size), description=f"transformers, {name}"):
            inputs = tokenizer(chosen[at : at + size], return_tensors="pt", padding=True)
            started = time.perf_counter()
            with torch.inference_mode():
                out = model.generate(
                    **inputs, max_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=tokenizer.pad_token_id
                )
            seconds += time.perf_counter() - started
            written = out[:, inputs["input_ids"].shape[1] :]
            new += int((written != tokenizer.pad_token_id).sum())
        rate[name] = new / seconds
    return rate


def _prompts(count: int) -> list[list[dict[str, str]]]:
    """Return chat prompts over real passages, of the length the demo has."""
    from pydoc_data import topics

    chosen = sorted(topics.topics.items())
    return [
        [
            {"role": "system", "content": "Answer from the passages and cite them like [1]."},
            {
                "role": "user",
                "content": f"Passages:\n[1] {text[200:1400]}\n\nQuestion: what is said of {name}?",
            },
        ]
        for name, text in (chosen[at % len(chosen)] for at in range(count))
    ]


def _token_rows(name: str, rate: dict[str, float]) -> list[Row]:
    ours = rate.pop("ours")
    return [
        Row(
            f"tokens a second, {name} checkpoint, transformers {peer}",
            ours,
            theirs,
            ours / theirs,
            f"≥ {TARGET:g} times",
            ours / theirs >= TARGET,
        )
        for peer, theirs in rate.items()
    ]


if __name__ == "__main__":
    main()
