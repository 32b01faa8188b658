"""Generate on the processor with OpenVINO, from a GGUF file.

The GGUF is turned into OpenVINO's own form once, in a folder beside it. Continuous batching
makes it an order of magnitude faster than transformers' `generate` on two cores.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.generators.base import Decoding, Generation, Messages, Progress
from rag.models.wheels import sha256

BATCH_SIZE = 16
_IR_FOLDER = "openvino"
# In bf16 or with 8-bit keys and values, an answer would depend on what else is in its batch.
_PRECISION = {"INFERENCE_PRECISION_HINT": "f32"}

os.environ.setdefault("OPENVINO_TELEMETRY_DISABLED", "1")  # nothing leaves the machine


class OpenVinoGenerator:
    """Run a GGUF file; the weights load on first use."""

    def __init__(self, gguf: Path) -> None:
        if not gguf.is_file():
            raise ModelError(f"{gguf}: no such model file")
        self._gguf = gguf

    @cached_property
    def fingerprint(self) -> str:
        """Return a hash of the weights."""
        return f"gguf-{sha256(self._gguf)[:16]}"

    @cached_property
    def _folder(self) -> Path:
        """Return the folder with OpenVINO's form of the model, writing it on first use."""
        import openvino_genai

        folder = self._gguf.parent / f"{_IR_FOLDER}-{self.fingerprint}"
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
        return openvino_genai.LLMPipeline(
            str(self._folder), "CPU", scheduler_config=scheduler, KV_CACHE_PRECISION="f32", **_PRECISION
        )

    @cached_property
    def _tokenizer(self) -> Any:
        import openvino_genai

        return openvino_genai.Tokenizer(str(self._folder))

    @cached_property
    def _forward(self) -> Any:
        import openvino

        core = openvino.Core()
        model = _last_position_only(core.read_model(self._folder / "openvino_model.xml"))
        return core.compile_model(model, "CPU", _PRECISION).create_infer_request()

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
        texts = [self._prompt(messages) for messages in prompts]
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found: dict[int, Generation] = {}
        for at in range(0, len(order), BATCH_SIZE):
            some = order[at : at + BATCH_SIZE]
            started = time.perf_counter()
            written = self._pipeline.generate([texts[i] for i in some], _config(decoding)).texts
            seconds = (time.perf_counter() - started) / len(some)
            for i, text in zip(some, written, strict=True):
                whole = (_opening(prompts[i]) + text).strip()
                found[i] = Generation(whole, self.count_tokens(text), seconds)
            if progress:
                progress(len(found), len(texts))
        return [found[i] for i in range(len(texts))]

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
            logits = self._next_logits(self._encode(self._prompt(messages)))
            shifted = logits - logits.max()
            rows.append((shifted - np.log(np.exp(shifted).sum()))[tokens])
            if progress:
                progress(count, len(prompts))
        return np.asarray(rows, np.float64).reshape(len(prompts), len(options))

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text."""
        return int(self._encode(text).shape[1]) if text else 0

    def _encode(self, text: str) -> NDArray[np.int64]:
        ids: NDArray[np.int64] = self._tokenizer.encode(text, add_special_tokens=False).input_ids.data.copy()
        return ids

    def _next_logits(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        self._forward.reset_state()
        outputs = self._forward.infer(
            {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "position_ids": np.arange(ids.shape[1], dtype=np.int64)[None],
                "beam_idx": np.zeros(1, np.int32),
            }
        )
        logits: NDArray[np.float64] = outputs[0][0, -1].astype(np.float64)
        return logits


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
