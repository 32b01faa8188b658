"""Learn who guesses: an assessor either knows the outcome or draws one from habits of his own.

With probability θ an assessor does not look and says outcome l with probability ξ[l]; else he says
the true one. Posteriors are found by variational Bayes with the priors of the paper; the start is
the share of the votes, not chance, so that equal votes give equal results.
Source: Hovy, Berg-Kirkpatrick, Vaswani & Hovy, "Learning Whom to Trust with MACE", NAACL 2013.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotate.labelling.aggregation.base import Aggregation, anchor, conclude
from annotate.labelling.aggregation.confusion import KINDS, Confusions
from annotate.labelling.aggregation.votes import Floats, Votes


@dataclass(frozen=True)
class Mace:
    """Fit the model; `knowing` and `guessing` are the Beta prior of θ, `habit` the Dirichlet prior of ξ."""

    knowing: float = 0.5
    guessing: float = 0.5
    habit: float = 10.0
    rounds: int = 100
    tolerance: float = 1e-5
    name: str = "mace"

    def fit(self, votes: Votes) -> Aggregation:
        """Return the posterior of each item; outcomes are equally likely before the first vote."""
        counts = votes.count()
        posteriors = anchor(votes, counts / counts.sum(axis=1, keepdims=True))
        confusions = Confusions(votes)
        knows: Floats = np.full(len(votes.names), 0.5)
        habits: Floats = np.full((len(votes.names), KINDS), 1 / KINDS)
        shares = np.full(KINDS, 1 / KINDS)
        for _ in range(self.rounds):
            knows, habits = self._learn(confusions.count(posteriors), knows, habits)
            said = knows[:, None, None] * np.eye(KINDS) + habits[:, None, :]
            before, posteriors = posteriors, confusions.infer(said, shares)
            if np.abs(posteriors - before).max(initial=0.0) < self.tolerance:
                break
        return conclude(self.name, votes, posteriors)

    def _learn(self, counts: Floats, knows: Floats, habits: Floats) -> tuple[Floats, Floats]:
        """Return the weights of knowing, (assessors,), and of guessing each outcome, (assessors, 4)."""
        from scipy.special import digamma  # here, since the command line must start fast

        right = np.diagonal(counts, axis1=1, axis2=2)  # said what was meant: known, or guessed by luck
        known = right * knows[:, None] / (knows[:, None] + habits)
        guessed = counts.sum(axis=1) - known
        total = digamma(counts.sum(axis=(1, 2)) + self.knowing + self.guessing)
        looks = np.exp(digamma(known.sum(axis=1) + self.knowing) - total)
        guesses = np.exp(digamma(guessed.sum(axis=1) + self.guessing) - total)
        spread = digamma(guessed + self.habit) - digamma(
            guessed.sum(axis=1, keepdims=True) + KINDS * self.habit
        )
        return looks, guesses[:, None] * np.exp(spread)
