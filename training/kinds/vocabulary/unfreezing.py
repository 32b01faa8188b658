"""The body sleeps while the new embeddings find their places, then wakes."""

from typing import Any

import torch
from torch import nn
from transformers import (
    PreTrainedModel,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from training.recipes import VocabularyRecipe


def grouped_optimizer(recipe: VocabularyRecipe, model: PreTrainedModel) -> torch.optim.Optimizer:
    """Make an AdamW that knows every weight from the start: embeddings and body, each at its own rate.

    Those that sleep have no gradient and are passed over, so a resumed run finds the same groups.
    """
    body, embeddings = body_of(model), embeddings_of(model)
    groups = [
        {"params": embeddings, "lr": recipe.learning_rate},
        {"params": body, "lr": recipe.body_learning_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=0.0)


def embeddings_of(model: Any) -> list[nn.Parameter]:
    """Give the weights of the input and, where they are not tied, the output embeddings."""
    layers: list[nn.Module] = [model.get_input_embeddings(), model.get_output_embeddings()]
    return list({id(weights): weights for layer in layers for weights in layer.parameters()}.values())


def body_of(model: PreTrainedModel) -> list[nn.Parameter]:
    """Give every other weight."""
    embeddings = {id(weights) for weights in embeddings_of(model)}
    return [weights for weights in model.parameters() if id(weights) not in embeddings]


class Unfreezing(TrainerCallback):
    """Keep the body frozen for the first `steps` steps, also of a run that was resumed."""

    def __init__(self, steps: int) -> None:
        self._steps = steps

    def on_step_begin(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the callback's signature
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **kwargs: Any,
    ) -> None:
        """Freeze or wake the body."""
        for weights in body_of(kwargs["model"]):
            weights.requires_grad_(state.global_step >= self._steps)
