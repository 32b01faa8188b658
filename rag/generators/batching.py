"""Drive OpenVINO's continuous batching step by step, so that no row is ever computed alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_COMPANION_TOKENS = 256  # after which the companion begins anew, so that it stays cheap


@dataclass(frozen=True)
class Written:
    """Hold the tokens that one step added to the text of one prompt."""

    number: int
    tokens: list[int]
    finished: bool


def write(
    pipeline: Any, prompts: Sequence[Any], config: Any, companion: Any, at_once: int
) -> Iterator[Written]:
    """Yield what each step writes for each prompt, `at_once` prompts at a time.

    `pipeline` is an `openvino_genai.ContinuousBatchingPipeline`, prompts and companion are tensors
    of token ids. The token that ends a text is left out. The caller lets nobody else step the
    pipeline; closing the iterator stops all that is being written.
    """
    from openvino_genai import GenerationFinishReason

    waiting = list(enumerate(prompts))[::-1]
    running: dict[int, Any] = {}
    beside = _Companion(pipeline, companion)
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                number, tokens = waiting.pop()
                running[number] = pipeline.add_request(number + 1, tokens, config)
            beside.keep_running()
            pipeline.step()
            for number, handle in list(running.items()):
                for output in handle.read().values() if handle.can_read() else ():
                    added = list(output.generated_ids)
                    if output.finish_reason == GenerationFinishReason.STOP:
                        added.pop()
                    if output.finish_reason != GenerationFinishReason.NONE:
                        del running[number]
                    yield Written(number, added, number not in running)
    finally:
        for handle in running.values():
            handle.stop()
        beside.stop()
        while pipeline.has_non_finished_requests():
            pipeline.step()


class _Companion:
    """Write on and on beside the prompts; nobody reads it."""

    def __init__(self, pipeline: Any, tokens: Any) -> None:
        from openvino_genai import GenerationConfig

        self._pipeline, self._tokens = pipeline, tokens
        self._config = GenerationConfig(max_new_tokens=_COMPANION_TOKENS, do_sample=False, ignore_eos=True)
        self._handle: Any = None

    def keep_running(self) -> None:
        from openvino_genai import GenerationStatus

        if self._handle is None or self._handle.get_status() != GenerationStatus.RUNNING:
            self._handle = self._pipeline.add_request(0, self._tokens, self._config)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.stop()
