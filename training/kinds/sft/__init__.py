"""Supervised fine-tuning of a policy on demonstrations, by TRL's SFTTrainer.

Loss: the mean of -log p(token | all before it) over the tokens of the completions, their end token included;
prompts are read and not learned. Source: Ouyang et al. (2022), arXiv 2203.02155.
"""

from training.kinds.sft.fitting import fit
from training.kinds.sft.preparing import prepare_demonstrations
from training.loading import load_tokenizer
from training.recipes import SftRecipe
from training.results import Outcome
from training.rows import DemonstrationRow
from training.runs import Run

__all__ = ["train"]


def train(recipe: SftRecipe, run: Run[DemonstrationRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure held-out and general rows."""
    tokenizer = load_tokenizer(recipe.base)
    return fit(recipe, run, tokenizer, prepare_demonstrations(recipe, run, tokenizer))
