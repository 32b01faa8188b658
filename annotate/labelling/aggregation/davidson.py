"""Say how likely each verdict is, given the strengths of two answers and the ways of an assessor.

An item is in one of three states: the first answer is stronger than the second by δ, or both are
equal, or both are bad.
An assessor of discrimination α and left-bias λ perceives d = αδ + sλ, where s is 1 when the first
answer stood on the left, else -1, and gives each verdict with the log-odds

    A_much_better 2d + t₂    A_better d    tie t₀    B_better -d    B_much_better -2d + t₂
    both_bad t₃, and t₃ + ακ when both are bad

But with probability ε the assessor does not look and gives any verdict, as often as it is given overall;
without this, one slip on an easy item would make the item look hard. α, λ, t₀, t₂, t₃ and the log-odds of
ε are drawn around those of all assessors. With the grades -1, 0, 1 it is
Davidson's model of paired comparison with ties; with more grades, the adjacent-categories logit.
Source: Davidson, "On Extending the Bradley-Terry Model to Accommodate Ties", JASA 65, 1970;
Agresti, "Analysis of Ordinal Paired Comparison Data", Applied Statistics 41(2), 1992.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotate.labelling.aggregation.votes import GRADE_OF, Floats, Integers
from annotate.labelling.verdicts import VERDICTS

WAYS = ("discrimination", "left_bias", "tie", "much", "bad", "lapse")  # α, λ, t₀, t₂, t₃, logit ε
STATES = ("found", "bad", "equal")  # κ, and the log-odds of the states against that of an unequal item
_TIE, _BAD = VERDICTS.index("tie"), VERDICTS.index("both_bad")
_MUCH = [VERDICTS.index("A_much_better"), VERDICTS.index("B_much_better")]


@dataclass(frozen=True)
class Priors:
    """Hold the normal priors as means and deviations.

    An assessor's ways (by WAYS) are drawn around centres with `deviations`; the centres around
    `centres` with `centre_deviations`.
    """

    centres: tuple[float, ...] = (1.5, 0.0, 0.0, -1.5, -2.0, -2.5)
    centre_deviations: tuple[float, ...] = (1.0, 0.5, 2.0, 2.0, 2.0, 1.0)
    deviations: tuple[float, ...] = (0.75, 0.75, 1.5, 1.0, 1.0, 1.0)
    states: tuple[float, ...] = (2.0, -1.5, -1.5)
    states_deviation: float = 1.0
    strength_deviation: float = 1.0


@dataclass(frozen=True)
class Parameters:
    """Hold what is learnt: `states` (3,) by STATES, `ways` (assessors, 6), `strengths` (contenders,)."""

    states: Floats
    ways: Floats
    strengths: Floats

    @property
    def flat(self) -> Floats:
        """All parameters in one vector."""
        return np.concatenate([self.states, self.ways.ravel(), self.strengths])

    def like(self, flat: Floats) -> Parameters:
        """Return parameters of the same shape with the values of a vector."""
        split = len(STATES) + self.ways.size
        ways = flat[len(STATES) : split].reshape(self.ways.shape)
        return Parameters(flat[: len(STATES)], ways, flat[split:])


@dataclass(frozen=True)
class Setting:
    """Say under what verdicts come about.

    A voice (voices,) is an assessor with the first answer on one side: `sides` is 1 on the left, else
    -1. A state (states,) is a difference δ in `levels`, or has `bad` 1 instead of 0. `habits` (verdicts,)
    says how likely each verdict is from who does not look.
    """

    assessors: Integers
    sides: Floats
    levels: Floats
    bad: Floats
    habits: Floats


def verdict_shares(parameters: Parameters, setting: Setting) -> tuple[Floats, Floats]:
    """Return the probability of each verdict from who looks, and from all; (voices, verdicts, states)."""
    alpha, bias, tie, much, worst, lapse = parameters.ways[setting.assessors].T[:, :, None]
    perceived = alpha * setting.levels + setting.sides[:, None] * bias
    logits = GRADE_OF[:, None] * perceived[:, None, :]
    logits[:, _TIE] = tie
    logits[:, _MUCH] += much[:, :, None]
    logits[:, _BAD] = worst + alpha * parameters.states[0] * setting.bad
    logits -= logits.max(axis=1, keepdims=True)
    looking = np.exp(logits, out=logits)
    looking /= looking.sum(axis=1, keepdims=True)
    slips = _slips(lapse)[:, :, None]
    return looking, (1 - slips) * looking + slips * setting.habits[:, None]


def share_slopes(
    parameters: Parameters, setting: Setting, looking: Floats, shares: Floats, counts: Floats
) -> Parameters:
    """Return the gradient of Σ counts · log(shares) by each parameter; the shares are of verdict_shares."""
    slips = _slips(parameters.ways[setting.assessors, 5])[:, None, None]
    looked = counts / shares * (1 - slips) * looking
    excess = looked - looked.sum(axis=1, keepdims=True) * looking
    pull = np.einsum("avk,v->ak", excess, GRADE_OF)
    found = excess[:, _BAD] @ setting.bad
    by_voice = np.stack(
        [
            pull @ setting.levels + parameters.states[0] * found,
            pull.sum(axis=1) * setting.sides,
            excess[:, _TIE].sum(axis=1),
            excess[:, _MUCH].sum(axis=(1, 2)),
            excess[:, _BAD].sum(axis=1),
            (counts - looked).sum(axis=(1, 2)) - counts.sum(axis=(1, 2)) * slips[:, 0, 0],
        ]
    )
    size = len(parameters.ways)
    ways: Floats = np.stack([np.bincount(setting.assessors, column, size) for column in by_voice], axis=1)
    kappa = float(found @ parameters.ways[setting.assessors, 0])
    return Parameters(np.array([kappa, 0.0, 0.0]), ways, np.zeros_like(parameters.strengths))


def _slips(logits: Floats) -> Floats:
    slips: Floats = 1 / (1 + np.exp(-logits))
    return slips


def mirror(parameters: Parameters) -> Parameters:
    """Return the parameters with all differences and discriminations turned: the same votes are as likely."""
    turned: Floats = parameters.ways * np.array([-1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    states = parameters.states * np.array([-1.0, 1.0, 1.0])
    return Parameters(states, turned, -parameters.strengths)


def centre(ways: Floats, priors: Priors) -> Floats:
    """Return the likeliest centres of the assessors' ways, (6,): their mean, drawn to the prior's."""
    own = 1 / np.square(priors.centre_deviations)
    each = 1 / np.square(priors.deviations)
    centres: Floats = (ways.sum(axis=0) * each + priors.centres * own) / (len(ways) * each + own)
    return centres


def prior_log(parameters: Parameters, priors: Priors) -> tuple[float, Parameters]:
    """Return the log-density of the priors at the likeliest centres, up to a constant, and its gradient."""
    centres = centre(parameters.ways, priors)
    ways = (parameters.ways - centres) / priors.deviations
    centred = (centres - priors.centres) / priors.centre_deviations
    bad = (parameters.states - priors.states) / priors.states_deviation
    strengths = parameters.strengths / priors.strength_deviation
    value = -0.5 * float(sum((part**2).sum() for part in (ways, centred, bad, strengths)))
    # The centres are at their best, so that by the envelope theorem they add nothing to the gradient.
    return value, Parameters(
        -bad / priors.states_deviation, -ways / priors.deviations, -strengths / priors.strength_deviation
    )
