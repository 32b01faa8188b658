"""Recipes: for each kind of run its keys (KIND.py) and a commented file to start from (KIND.yaml)."""

from training.recipes.base import BaseRecipe, Lora, TrainerRecipe
from training.recipes.distil import DistilRecipe
from training.recipes.dpo import DpoRecipe
from training.recipes.embedder import EmbedderRecipe
from training.recipes.embedder_texts import EmbedderTextsRecipe
from training.recipes.grpo import GrpoRecipe
from training.recipes.kto import KtoRecipe
from training.recipes.orpo import OrpoRecipe
from training.recipes.ppo import PpoRecipe
from training.recipes.quantize import QuantizeRecipe
from training.recipes.rejection import RejectionRecipe
from training.recipes.reranker import RerankerRecipe
from training.recipes.retrieval import RetrievalRecipe
from training.recipes.reward import RewardRecipe
from training.recipes.reward_head import RewardHeadRecipe
from training.recipes.rloo import RlooRecipe
from training.recipes.sft import FineTuningRecipe, SftRecipe
from training.recipes.sft_texts import SftTextsRecipe
from training.recipes.vocabulary import VocabularyRecipe

RECIPES: dict[str, type[BaseRecipe]] = {
    "reward_head": RewardHeadRecipe,
    "reward": RewardRecipe,
    "dpo": DpoRecipe,
    "sft": SftRecipe,
    "sft_texts": SftTextsRecipe,
    "vocabulary": VocabularyRecipe,
    "rejection": RejectionRecipe,
    "distil": DistilRecipe,
    "quantize": QuantizeRecipe,
    "kto": KtoRecipe,
    "orpo": OrpoRecipe,
    "grpo": GrpoRecipe,
    "rloo": RlooRecipe,
    "ppo": PpoRecipe,
    "embedder": EmbedderRecipe,
    "embedder_texts": EmbedderTextsRecipe,
    "reranker": RerankerRecipe,
}
"""The recipe of each kind; `training.kinds.KIND` trains it."""

__all__ = [
    "RECIPES",
    "BaseRecipe",
    "DistilRecipe",
    "DpoRecipe",
    "EmbedderRecipe",
    "EmbedderTextsRecipe",
    "FineTuningRecipe",
    "GrpoRecipe",
    "KtoRecipe",
    "Lora",
    "OrpoRecipe",
    "PpoRecipe",
    "QuantizeRecipe",
    "RejectionRecipe",
    "RerankerRecipe",
    "RetrievalRecipe",
    "RewardHeadRecipe",
    "RewardRecipe",
    "RlooRecipe",
    "SftRecipe",
    "SftTextsRecipe",
    "TrainerRecipe",
    "VocabularyRecipe",
]
