"""Measure tokens a second of our engine beside transformers' `generate`: same weights, same prompts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rich.progress import track

from benchmarks.results import Row
from rag.generators import Decoding, OpenVinoGenerator
from rag.generators.openvino import Precision

TARGET = 8.0
NEW_TOKENS = 64
ROUNDS = 2  # the engines take turns, and the best round of each counts: others may use the machine
THEIR_BATCH = 16
ALONE = 4  # prompts; one at a time is slow, and a few tell the rate
PRECISIONS: tuple[Precision, ...] = ("exact", "fast")


def checkpoints(workspace: Path) -> list[tuple[str, Path, Path]]:
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


def tokens_a_second(folder: Path, gguf: Path, count: int) -> dict[str, float]:
    """Return the rate of our engine in each precision, and of transformers alone and in batches."""
    prompts = chat_prompts(count)
    ours = {precision: OpenVinoGenerator(gguf, precision) for precision in PRECISIONS}
    theirs = Transformers(folder)
    rates: dict[str, float] = {}

    def measured(name: str, rate: float) -> None:
        rates[name] = max(rate, rates.get(name, 0.0))

    for generator in ours.values():
        generator.generate(prompts[:2], Decoding(max_new_tokens=4))
    for _ in track(range(ROUNDS), description=f"tokens a second, {folder.name}"):
        for precision, generator in ours.items():
            measured(f"ours {precision}", _our_rate(generator, prompts))
        measured(f"batches of {THEIR_BATCH}", theirs.rate(prompts, THEIR_BATCH))
        measured("one at a time", theirs.rate(prompts[:ALONE], 1))
    return rates


def _our_rate(generator: OpenVinoGenerator, prompts: list[list[dict[str, str]]]) -> float:
    started = time.perf_counter()
    made = generator.generate(prompts, Decoding(max_new_tokens=NEW_TOKENS))
    return sum(one.new_tokens for one in made) / (time.perf_counter() - started)


class Transformers:
    """Run `generate` in float32, greedily, in left-padded batches."""

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self._model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)

    def rate(self, prompts: list[list[dict[str, str]]], size: int) -> float:
        """Return new tokens a second; padding after the end of a text is not counted."""
        import torch

        tokenizer, new, seconds = self._tokenizer, 0, 0.0
        texts = [
            tokenizer.apply_chat_template(p, tokenize=False, add_generation_prompt=True) for p in prompts
        ]
        for at in range(0, len(texts), size):
            inputs = tokenizer(texts[at : at + size], return_tensors="pt", padding=True)
            started = time.perf_counter()
            with torch.inference_mode():
                out = self._model.generate(
                    **inputs, max_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=tokenizer.pad_token_id
                )
            seconds += time.perf_counter() - started
            written = out[:, inputs["input_ids"].shape[1] :]
            new += int((written != tokenizer.pad_token_id).sum())
        return new / seconds


def chat_prompts(count: int) -> list[list[dict[str, str]]]:
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


def token_rows(name: str, rates: dict[str, float]) -> list[Row]:
    """Return a row for each precision of ours beside each way of calling transformers."""
    ours = {key.removeprefix("ours "): rate for key, rate in rates.items() if key.startswith("ours ")}
    theirs = {key: rate for key, rate in rates.items() if not key.startswith("ours ")}
    return [
        Row(
            f"tokens a second, {name} checkpoint, {precision}, transformers {peer}",
            rate,
            their_rate,
            rate / their_rate,
            f"≥ {TARGET:g} times",
            rate / their_rate >= TARGET,
        )
        for precision, rate in ours.items()
        for peer, their_rate in theirs.items()
    ]
