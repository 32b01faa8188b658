"""Proximal policy optimisation of a policy by rewards of its own answers; ours, small enough to read.

A step (`learner`): `sampler` draws answers, `experience` scores them (reward at the end, a price on leaving
the start at every token) and `advantages` says how much better each token did than expected; `buffer` hands
them out in batches, on which `actor_critic` is updated by `losses`. `kl_price` adapts the price,
`checkpoints` keeps all of it, `fitting` runs the steps. Sources: Schulman et al. (2017), arXiv 1707.06347;
Ziegler et al. (2019), arXiv 1909.08593; Huang et al. (2024), arXiv 2403.17031, for the details.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch takes seconds
    from training.recipes import PpoRecipe
    from training.results import Outcome
    from training.rows import PromptRow
    from training.runs import Run


def train(recipe: PpoRecipe, run: Run[PromptRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure rewards on held-out prompts."""
    from training.kinds.ppo.fitting import fit

    return fit(recipe, run)
