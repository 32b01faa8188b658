"""Draw answers from the policy as it is: temperature 1 and nothing cut off, as the losses assume."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import GenerationConfig, PreTrainedModel


@dataclass(frozen=True)
class Rollout:
    """Hold a prompt and the answer drawn to it as token ids, and whether it came to its end.

    `prompt` is the number of the prompt among those asked.
    """

    prompt: int
    prompt_ids: list[int]
    answer_ids: list[int]
    finished: bool


@dataclass(frozen=True)
class Sampler:
    """Draw answers of up to `max_new_tokens` tokens, `batch_size` at once; `end_ids` end an answer."""

    max_new_tokens: int
    end_ids: tuple[int, ...]
    pad_id: int
    batch_size: int = 8

    def draw(
        self, model: PreTrainedModel, prompts: Sequence[tuple[int, list[int]]], seed: int
    ) -> list[Rollout]:
        """Draw an answer to each (number, ids); what is drawn depends on `seed` alone."""
        rollouts: list[Rollout] = []
        model.train(mode=False)
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            for start in range(0, len(prompts), self.batch_size):
                rollouts += self._draw_batch(model, prompts[start : start + self.batch_size])
        return rollouts

    def _draw_batch(self, model: PreTrainedModel, prompts: Sequence[tuple[int, list[int]]]) -> list[Rollout]:
        longest = max(len(ids) for _, ids in prompts)
        ids = torch.tensor([[self.pad_id] * (longest - len(ids)) + ids for _, ids in prompts])
        mask = torch.tensor([[0] * (longest - len(ids)) + [1] * len(ids) for _, ids in prompts])
        made = model.generate(  # type: ignore[operator]
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            generation_config=self._config,
        )
        return [
            self._rollout(number, prompt, answer)
            for (number, prompt), answer in zip(prompts, made[:, longest:].tolist(), strict=True)
        ]

    @property
    def _config(self) -> GenerationConfig:
        return GenerationConfig(  # type: ignore[no-untyped-call]
            max_new_tokens=self.max_new_tokens,
            do_sample=True,
            temperature=1.0,
            top_p=1.0,
            top_k=0,
            eos_token_id=list(self.end_ids) or None,
            pad_token_id=self.pad_id,
        )

    def _rollout(self, number: int, prompt: list[int], answer: list[int]) -> Rollout:
        end = next((place for place, token in enumerate(answer) if token in self.end_ids), None)
        kept = answer if end is None else answer[: end + 1]
        return Rollout(number, prompt, kept, end is not None)
