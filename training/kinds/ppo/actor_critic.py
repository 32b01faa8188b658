"""Actor, critic and reference on one base: two sets of adapters, a value head, and the bare base."""

from collections.abc import Sequence

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn
from transformers import PreTrainedModel

from training.adapters import old_peft_names
from training.kinds.ppo.sampler import Rollout
from training.log_probs import IGNORED, score_tokens

ACTOR, CRITIC = "actor", "critic"


class Texts:
    """Hold rollouts as one right-padded batch: ids, attention mask, and a mask of the answers' tokens.

    `answer_mask` is of the predictions, shape (answers, length - 1): token t + 1 is predicted at t.
    """

    def __init__(self, rollouts: Sequence[Rollout], pad_id: int, device: torch.device) -> None:
        texts = [(len(one.prompt_ids), one.prompt_ids + one.answer_ids) for one in rollouts]
        longest = max(len(ids) for _, ids in texts)
        padded = [ids + [pad_id] * (longest - len(ids)) for _, ids in texts]
        self.ids = torch.tensor(padded, device=device)
        place = torch.arange(longest, device=device)[None]
        starts = torch.tensor([start for start, _ in texts], device=device)[:, None]
        ends = torch.tensor([len(ids) for _, ids in texts], device=device)[:, None]
        self.attention = (place < ends).long()
        self.answer_mask = ((place >= starts) & (place < ends))[:, 1:]
        self.labels = self.ids.masked_fill(~((place >= starts) & (place < ends)), IGNORED)


class ActorCritic:
    """Give log-probabilities by the actor and the reference, and values by the critic.

    All have shape (answers, length - 1) and are 0 outside the answers.
    """

    def __init__(self, base: PreTrainedModel, adapters: LoraConfig, seed: int) -> None:
        torch.manual_seed(seed)  # adapters are new and random
        with old_peft_names():
            self.model: PeftModel = get_peft_model(base, adapters, adapter_name=ACTOR)
            self.model.add_adapter(CRITIC, adapters)
        width = int(base.config.get_text_config().hidden_size)
        self.value_head = nn.Linear(width, 1).to(base.device)
        nn.init.zeros_(self.value_head.weight)  # a critic that knows nothing expects nothing
        nn.init.zeros_(self.value_head.bias)

    @property
    def base(self) -> PreTrainedModel:
        """Give the model under the adapters."""
        base: PreTrainedModel = self.model.get_base_model()
        return base

    def actor(self) -> PreTrainedModel:
        """Give the policy as it is, to draw answers from."""
        self.model.set_adapter(ACTOR)
        policy: PreTrainedModel = self.model  # it generates like one
        return policy

    def log_probs(self, texts: Texts) -> torch.Tensor:
        """Give the actor's log-probabilities, in nats."""
        self.model.set_adapter(ACTOR)
        return self._log_probs(texts)

    def reference_log_probs(self, texts: Texts) -> torch.Tensor:
        """Give the log-probabilities of the start: the base without adapters."""
        with self.model.disable_adapter():
            return self._log_probs(texts)

    def values(self, texts: Texts) -> torch.Tensor:
        """Give what the critic expects still to come, before each token is drawn."""
        self.model.set_adapter(CRITIC)
        trunk = self.base.base_model
        states = trunk(input_ids=texts.ids, attention_mask=texts.attention, use_cache=False).last_hidden_state
        values: torch.Tensor = self.value_head(states[:, :-1].float()).squeeze(-1)
        return values * texts.answer_mask

    def trainable(self) -> dict[str, nn.Parameter]:
        """Give every parameter that learns, by name: adapters of both, and the value head."""
        adapters = {
            name: parameter
            for name, parameter in self.model.named_parameters()
            if f".{ACTOR}." in name or f".{CRITIC}." in name
        }
        head = {f"value_head.{name}": parameter for name, parameter in self.value_head.named_parameters()}
        return adapters | head

    def merge(self) -> PreTrainedModel:
        """Give the tuned policy without adapters; this object is spent."""
        merged: PreTrainedModel = self.model.merge_and_unload(adapter_names=[ACTOR])
        return merged

    def _log_probs(self, texts: Texts) -> torch.Tensor:
        answer = score_tokens(self.model, texts.labels, input_ids=texts.ids, attention_mask=texts.attention)
        log_probs: torch.Tensor = answer.log_probs
        return log_probs
