"""Generalised advantage estimation: how much better did each token do than the critic expected?

delta_t = r_t + discount * V_(t+1) - V_t, A_t = sum_k (discount * decay)^k delta_(t+k), with V = 0 behind the
last token. Source: Schulman et al. (2016), arXiv 1506.02438, eq. 16.
"""

import torch


def estimate_advantages(
    rewards: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, discount: float, decay: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give advantages and returns (the critic's targets), shape (answers, tokens), 0 outside `mask`.

    `mask` marks the tokens of each answer, which must lie next to each other.
    """
    advantages = torch.zeros_like(rewards)
    following = torch.zeros_like(rewards[:, 0])
    next_value = torch.zeros_like(following)
    for place in reversed(range(rewards.shape[1])):
        inside = mask[:, place].to(rewards.dtype)
        surprise = rewards[:, place] + discount * next_value - values[:, place]
        # Behind an answer's last token nothing follows: outside the mask both carriers are 0.
        following = inside * (surprise + discount * decay * following)
        next_value = inside * values[:, place]
        advantages[:, place] = following
    return advantages, (advantages + values) * mask


def whiten(figures: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Shift and scale figures to mean 0 and deviation 1 over `mask`, 0 outside; a single one becomes 0."""
    chosen = figures[mask]
    centred = (figures - chosen.mean()) * mask
    return centred / (chosen.std(correction=0) + 1e-8)
