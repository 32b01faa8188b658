"""Domain adaptation: a policy's pre-training goes on, on plain texts.

Loss: the mean of -log p(token | all before it in its piece). Source: Gururangan et al. (2020), arXiv
2004.10964.
"""

from training.kinds.sft.fitting import fit
from training.kinds.sft.preparing import prepare_texts
from training.loading import load_tokenizer
from training.recipes import SftTextsRecipe
from training.results import Outcome
from training.rows import TextRow
from training.runs import Run


def train(recipe: SftTextsRecipe, run: Run[TextRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure held-out and general rows."""
    tokenizer = load_tokenizer(recipe.base)
    return fit(recipe, run, tokenizer, prepare_texts(recipe, run, tokenizer))
