"""The clipped losses of actor and critic. Source: Schulman et al. (2017), arXiv 1707.06347, eq. 7 and 9."""

import torch


def policy_loss(
    log_probs: torch.Tensor, old: torch.Tensor, advantages: torch.Tensor, weights: torch.Tensor, clip: float
) -> torch.Tensor:
    """Give the mean of -min(ratio * A, clipped ratio * A), ratio = exp(log_probs - old), by `weights`.

    All shapes (answers, tokens); `weights` are 0 outside the answers.
    """
    ratio = torch.exp((log_probs - old) * (weights > 0))
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return weighted_mean(-torch.minimum(ratio * advantages, clipped * advantages), weights)


def value_loss(
    values: torch.Tensor, old: torch.Tensor, returns: torch.Tensor, weights: torch.Tensor, clip: float
) -> torch.Tensor:
    """Give half the mean squared error of the critic, which may move by `clip` from `old`, by `weights`."""
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * weighted_mean(torch.maximum((values - returns) ** 2, (clipped - returns) ** 2), weights)


def weighted_mean(figures: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Give the mean by weights; 0 where all of them are 0."""
    return (figures * weights).sum() / weights.sum().clamp(min=torch.finfo(figures.dtype).tiny)
