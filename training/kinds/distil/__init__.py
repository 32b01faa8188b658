"""Distillation: a student learns to answer like a teacher, on its logits or on its answers.

On logits the student writes the answers itself and is moved towards the teacher's distribution at every
token: Agarwal et al. (2023), arXiv 2306.13649. On answers: Kim & Rush (2016), arXiv 1606.07947.
"""

from training.kinds.distil.logits import learn_logits
from training.kinds.distil.sequences import ask_teacher
from training.kinds.sft.fitting import fit
from training.kinds.sft.preparing import prepare_demonstrations
from training.loading import load_tokenizer
from training.recipes import DistilRecipe
from training.results import Outcome
from training.rows import PromptRow
from training.runs import Run

__all__ = ["train"]


def train(recipe: DistilRecipe, run: Run[PromptRow]) -> Outcome:
    """Teach the student, save it whole (adapters merged) and measure how near it is to the teacher."""
    tokenizer = load_tokenizer(recipe.base)
    if recipe.teacher is not None:
        return learn_logits(recipe, recipe.teacher, run, tokenizer)
    taught, unanswered = ask_teacher(recipe, run)
    outcome = fit(recipe, run, tokenizer, prepare_demonstrations(recipe, taught, tokenizer))
    dropped = sorted({*outcome.dropped_ids, *unanswered})
    return Outcome(outcome.steps, outcome.first_loss, outcome.last_loss, outcome.metrics, dropped)
