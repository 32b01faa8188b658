"""Generate on the processor with OpenVINO, from a GGUF file.

The GGUF is turned into OpenVINO's own form once, in a folder beside it. Continuous batching
makes it an order of magnitude faster than transformers' `generate` on two cores.

A greedy text does not depend on what else is in its batch. OpenVINO multiplies a single row
with another kernel than several, and with eight-bit activations the difference is enough to turn
a word; so a companion that nobody reads runs beside the prompts, and no row is ever alone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.generators.base import Decoding, Generation, Messages, Progress
from rag.generators.batching import write
from rag.generators.reading import PromptReader
from rag.generators.streaming import Pieces, in_background
from rag.models.wheels import sha256

BATCH_SIZE = 16  # prompts that are written at the same time
STEP_TOKENS = 4096  # read in one step at most: large enough for the prompts of a whole batch
_IR_FOLDER = "openvino"
Precision = Literal["exact", "fast"]
_PRECISIONS: dict[Precision, dict[str, str]] = {
    "exact": {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"},
    "fast": {"INFERENCE_PRECISION_HINT": "bf16", "KV_CACHE_PRECISION": "u8"},
}

os.environ.setdefault("OPENVINO_TELEMETRY_DISABLED", "1")  # nothing leaves the machine


class OpenVinoGenerator:
    """Run a GGUF file; the weights load on first use.

    The precision `exact` computes in 32 bits; `fast` in 16, with keys and values in 8, which
    writes other texts. Threads may share a generator: they take turns.
    """

    def __init__(self, gguf: Path, precision: Precision = "exact") -> None:
        if not gguf.is_file():
            raise ModelError(f"{gguf}: no such model file")
        self._gguf, self._precision = gguf, precision
        self._turn = Lock()

    @cached_property
    def _weights(self) -> str:
        return f"gguf-{sha256(self._gguf)[:16]}"

    @property
    def fingerprint(self) -> str:
        """Return a hash of the weights, with the precision where it is not exact."""
        return self._weights if self._precision == "exact" else f"{self._weights}-{self._precision}"

    @cached_property
    def _folder(self) -> Path:
        """Return the folder with OpenVINO's form of the model, writing it on first use."""
        import openvino_genai

        folder = self._gguf.parent / f"{_IR_FOLDER}-{self._weights}"
        if folder.exists():
            return folder
        scratch = Path(tempfile.mkdtemp(dir=self._gguf.parent, prefix=".convert-"))
        try:
            link = scratch / self._gguf.name
            link.symlink_to(self._gguf.resolve())
            openvino_genai.LLMPipeline(str(link), "CPU", enable_save_ov_model=True)
            link.unlink()
            scratch.rename(folder)
        except (RuntimeError, IndexError, ValueError) as error:
            raise ModelError(
                f"{self._gguf}: OpenVINO cannot read it: {str(error).splitlines()[0]}"
            ) from error
        except OSError:
            if not folder.exists():  # another process may have finished first
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return folder

    @cached_property
    def _pipeline(self) -> Any:
        import openvino_genai

        # A cached prefix would change the next answers: the same prompt must give the same text.
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.enable_prefix_caching = False
        scheduler.max_num_batched_tokens = STEP_TOKENS
        settings = _PRECISIONS[self._precision]
        return openvino_genai.ContinuousBatchingPipeline(str(self._folder), scheduler, "CPU", settings)

    @cached_property
    def _tokenizer(self) -> Any:
        import openvino_genai

        return openvino_genai.Tokenizer(str(self._folder))

    @cached_property
    def _reader(self) -> PromptReader:
        import openvino

        core = openvino.Core()
        model = _last_position_only(core.read_model(self._folder / "openvino_model.xml"))
        hint = _PRECISIONS[self._precision]["INFERENCE_PRECISION_HINT"]
        # What is kept of a prompt is read back as it was written: eight bits would be rounded once more.
        settings = {"INFERENCE_PRECISION_HINT": hint, "KV_CACHE_PRECISION": "bf16"}
        return PromptReader(core.compile_model(model, "CPU", settings).create_infer_request())

    def _prompt(self, messages: Messages) -> str:
        asked = [
            message for message in messages if message["role"] != "assistant" or message is not messages[-1]
        ]
        return str(self._tokenizer.apply_chat_template(asked, add_generation_prompt=True)) + _opening(
            messages
        )

    def generate(
        self, prompts: Sequence[Messages], decoding: Decoding, progress: Progress | None = None
    ) -> list[Generation]:
        """Return one text for each prompt, in order."""
        given = [self._tensor(self._prompt(messages)) for messages in prompts]
        tokens: list[list[int]] = [[] for _ in prompts]
        done = 0
        started = time.perf_counter()
        with self._turn:
            for step in write(self._pipeline, given, _config(decoding), self._companion, BATCH_SIZE):
                tokens[step.number] += step.tokens
                done += step.finished
                if progress and step.finished:
                    progress(done, len(prompts))
        seconds = (time.perf_counter() - started) / max(len(prompts), 1)
        return [
            Generation((_opening(messages) + self._decode(written)).strip(), len(written), seconds)
            for messages, written in zip(prompts, tokens, strict=True)
        ]

    def stream(self, messages: Messages, decoding: Decoding) -> Iterator[str]:
        """Yield the text as it is written; the pieces, joined and stripped, are what `generate` returns."""

        def pieces() -> Iterator[str]:
            if opening := _opening(messages):
                yield opening
            text = Pieces(self._decode)
            prompt = self._tensor(self._prompt(messages))
            with self._turn:
                for step in write(self._pipeline, [prompt], _config(decoding), self._companion, at_once=1):
                    if piece := text.add(step.tokens, last=step.finished):
                        yield piece

        return in_background(pieces)

    def option_logprobs(
        self, prompts: Sequence[Messages], options: Sequence[str], progress: Progress | None = None
    ) -> NDArray[np.float64]:
        """Return log-probabilities (n, options) of each option as the next token."""
        tokens = [int(self._encode(option)[0, 0]) for option in options]
        if len(set(tokens)) < len(tokens):
            raise ModelError(
                f"the options {', '.join(options)} begin with the same token; choose other words"
            )
        rows = []
        for count, messages in enumerate(prompts, start=1):
            with self._turn:
                logits = self._reader.next_logits(self._encode(self._prompt(messages))[0])
            shifted = logits - logits.max()
            rows.append((shifted - np.log(np.exp(shifted).sum()))[tokens])
            if progress:
                progress(count, len(prompts))
        return np.asarray(rows, np.float64).reshape(len(prompts), len(options))

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text."""
        return int(self._encode(text).shape[1]) if text else 0

    @cached_property
    def _companion(self) -> Any:
        return self._tensor("Hello")

    def _tensor(self, text: str) -> Any:
        return self._tokenizer.encode(text, add_special_tokens=False).input_ids

    def _encode(self, text: str) -> NDArray[np.int64]:
        ids: NDArray[np.int64] = self._tensor(text).data.copy()
        return ids

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens))) if tokens else ""


def _last_position_only(model: Any) -> Any:
    """Cut the model's output to the last position, so that no logits are computed for the others."""
    from openvino import opset13

    head = model.get_results()[0].input_value(0).get_node()
    while head.get_type_name() != "MatMul":
        head = head.input_value(0).get_node()
    last = opset13.slice(head.input_value(0), *([value] for value in (-1, 2**31 - 1, 1, 1)))
    head.input(0).replace_source_output(last.output(0))
    model.validate_nodes_and_infer_types()
    return model


def _opening(messages: Messages) -> str:
    return messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""


def _config(decoding: Decoding) -> Any:
    import openvino_genai

    config = openvino_genai.GenerationConfig(
        max_new_tokens=decoding.max_new_tokens,
        do_sample=decoding.temperature > 0,
        repetition_penalty=decoding.repetition_penalty,
        rng_seed=decoding.seed,
    )
    if decoding.temperature > 0:
        config.temperature, config.top_p = decoding.temperature, decoding.top_p
    config.apply_chat_template = False
    return config
