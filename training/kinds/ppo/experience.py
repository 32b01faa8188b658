"""Experience: what the policy did, what it earned, and how much better that was than expected."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch

from training.kinds.ppo.actor_critic import ActorCritic, Texts
from training.kinds.ppo.advantages import estimate_advantages
from training.kinds.ppo.sampler import Rollout


@dataclass(frozen=True)
class Experience:
    """Hold one answer token by token, shape (tokens,) each, of its answer alone."""

    rollout: Rollout
    log_probs: torch.Tensor
    reference: torch.Tensor
    values: torch.Tensor
    advantages: torch.Tensor
    returns: torch.Tensor
    weight: float

    @property
    def distance(self) -> float:
        """Give log p - log p_ref of the answer, in nats: its mean over answers is the KL divergence."""
        return float((self.log_probs - self.reference).sum())


@torch.no_grad()
def gather_experience(
    models: ActorCritic,
    rollouts: Sequence[Rollout],
    scores: Sequence[float],
    weights: Sequence[float],
    price: float,
    discount: float,
    decay: float,
    pad_id: int,
    batch_size: int,
) -> list[Experience]:
    """Score rollouts token by token: -price * (log p - log p_ref) each, and the answer's score at its end."""
    experiences: list[Experience] = []
    for start in range(0, len(rollouts), batch_size):
        batch = rollouts[start : start + batch_size]
        texts = Texts(batch, pad_id, models.base.device)
        log_probs, reference = models.log_probs(texts), models.reference_log_probs(texts)
        values, mask = models.values(texts), texts.answer_mask
        rewards = -price * (log_probs - reference)
        last = texts.attention.sum(dim=1) - 2  # the prediction of the last token
        rewards[torch.arange(len(batch)), last] += torch.tensor(
            scores[start : start + batch_size], dtype=rewards.dtype, device=rewards.device
        )
        advantages, returns = estimate_advantages(rewards, values, mask, discount, decay)
        columns = {
            "log_probs": log_probs,
            "reference": reference,
            "values": values,
            "advantages": advantages,
            "returns": returns,
        }
        for number, rollout in enumerate(batch):
            own = {name: column[number][mask[number]].cpu() for name, column in columns.items()}
            experiences.append(Experience(rollout, **own, weight=weights[start + number]))
    return experiences


@dataclass(frozen=True)
class Batch:
    """Hold experiences as padded tensors, shape (answers, length - 1), 0 outside the answers."""

    texts: Texts
    log_probs: torch.Tensor
    values: torch.Tensor
    advantages: torch.Tensor
    returns: torch.Tensor
    weights: torch.Tensor


def collate(experiences: Sequence[Experience], pad_id: int, device: torch.device) -> Batch:
    """Pad experiences into one batch."""
    texts = Texts([one.rollout for one in experiences], pad_id, device)
    mask = texts.answer_mask

    def spread(name: str) -> torch.Tensor:
        whole = torch.zeros(mask.shape, device=device)
        whole[mask] = torch.cat([getattr(one, name) for one in experiences]).to(device)
        return whole

    weights = torch.tensor([one.weight for one in experiences], device=device)[:, None] * mask
    names = [field.name for field in fields(Batch) if field.name not in ("texts", "weights")]
    return Batch(texts, **{name: spread(name) for name in names}, weights=weights)
