"""Load a trained reward model and score answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.encoding import encode_answer
from training.kinds.reward.scores import Scores, load_scores
from training.loading import load_scorer, load_tokenizer, to_device
from training.rows import Message

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RewardModel:
    """Score answers to prompts; the higher, the better, and only differences mean anything."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    scores: Scores

    def score(self, prompts: Sequence[list[Message]], answers: Sequence[str], batch_size: int = 1) -> Floats:
        """Give one score an answer, its heads joined and its length control applied, shape (n,)."""
        return self.scores.join(self.score_heads(prompts, answers, batch_size), answers)

    def score_heads(
        self, prompts: Sequence[list[Message]], answers: Sequence[str], batch_size: int = 1
    ) -> Floats:
        """Give each head's own score, shape (n, heads)."""
        texts = [
            encode_answer(self.tokenizer, prompt, answer)
            for prompt, answer in zip(prompts, answers, strict=True)
        ]
        batches = [texts[start : start + batch_size] for start in range(0, len(texts), batch_size)]
        if not batches:
            return np.zeros((0, len(self.scores.centres)))
        return np.concatenate([score_texts(self.model, batch) for batch in batches])


def load_reward_model(folder: Path) -> RewardModel:
    """Load a trained reward model onto the device to compute on. Raises ModelError."""
    tokenizer, scores = load_tokenizer(folder), load_scores(folder)
    model = load_scorer(folder, tokenizer.pad_token_id, heads=len(scores.centres))
    return RewardModel(to_device(model), tokenizer, scores)


def score_texts(model: PreTrainedModel, texts: Sequence[list[int]]) -> Floats:
    """Score token lists in one right-padded batch, shape (n, heads)."""
    ids = nn.utils.rnn.pad_sequence(
        [torch.tensor(text) for text in texts],
        batch_first=True,
        padding_value=model.config.get_text_config().pad_token_id,
    )
    lengths = torch.tensor([len(text) for text in texts])
    mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    model.train(mode=False)
    with torch.inference_mode():
        logits = model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device)).logits
    return np.asarray(logits.double().cpu().numpy())
