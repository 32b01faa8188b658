"""Rewards of an answer: a reward model's score and what can be checked without a judge, one a file."""

from training.rewards.citations import CitationReward
from training.rewards.format import FormatReward
from training.rewards.languages import LanguageReward
from training.rewards.lengths import LengthReward
from training.rewards.rewards import Reward, RewardSum, build_rewards

__all__ = [
    "CitationReward",
    "FormatReward",
    "LanguageReward",
    "LengthReward",
    "Reward",
    "RewardSum",
    "build_rewards",
]
