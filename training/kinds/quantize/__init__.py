"""Quantisation: 8-bit weights for CTranslate2, and what they cost and save; speculative decoding.

Weights become int8 with one scale a row; activations are quantised as they come. Sources: Dettmers et al.
(2022), arXiv 2208.07339, for the idea; CTranslate2's documentation for the scheme. Nothing is trained.
"""

import shutil
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from training.encoding import EncodedText, encode_demonstrations
from training.errors import RowsError
from training.guards import check_template
from training.kinds.quantize.conversion import Int8Engine, convert, weights_megabytes
from training.kinds.quantize.measuring import Reading, compare, read_engine, read_model
from training.kinds.quantize.speculation import measure_speculation
from training.loading import load_policy, load_tokenizer, to_device
from training.metrics import Interval
from training.recipes import QuantizeRecipe
from training.results import Outcome
from training.rows import DemonstrationRow
from training.runs import Run

__all__ = ["train"]


def train(recipe: QuantizeRecipe, run: Run[DemonstrationRow]) -> Outcome:
    """Convert the policy into RUN/model and compare it with the base.

    Metrics: `megabytes`, `loss` (nats a token of the completions) and `tokens_per_second` of the base, of
    CTranslate2 with full weights (`_full`) and of the quantised model (`_int8`); `loss_change`,
    `same_answers` and `same_tokens` (the share of greedy tokens before the first that differs) compare the
    quantised model with the base, `full_change` the unquantised conversion, which must change nothing;
    `lookup_` and `draft_` figures are of speculative decoding.
    """
    tokenizer = load_tokenizer(recipe.base)
    check_template(tokenizer)
    rows = (run.test_rows or run.train_rows)[: recipe.max_rows]
    texts = encode_demonstrations(tokenizer, rows)
    model = to_device(load_policy(recipe.base))
    _check_positions(model.config.get_text_config().max_position_embeddings, texts, recipe.max_new_tokens)
    run.progress.stage("measuring the base")
    base = read_model(model, tokenizer, texts, recipe.max_new_tokens)
    metrics: dict[str, Interval] = {}
    if recipe.prompt_lookup is not None or recipe.draft is not None:
        run.progress.stage("speculative decoding")
        metrics |= measure_speculation(recipe, model, tokenizer, texts, base)
    unquantised = run.folder / "unquantised"
    full = _converted(run, recipe, unquantised, "float32", tokenizer, texts)
    shutil.rmtree(unquantised)
    small = _converted(run, recipe, run.model_folder, recipe.quantization, tokenizer, texts)
    metrics |= compare(base, full, small, weights_megabytes(recipe.base), weights_megabytes(run.model_folder))
    return Outcome(0, base.losses.mean, small.losses.mean, metrics)


def _converted(
    run: Run[DemonstrationRow],
    recipe: QuantizeRecipe,
    folder: Path,
    compute_type: str,
    tokenizer: PreTrainedTokenizerBase,
    texts: list[EncodedText],
) -> Reading:
    run.progress.stage("converting and measuring", compute_type=compute_type)
    convert(recipe.base, folder, compute_type)
    return read_engine(Int8Engine.load(folder, tokenizer, compute_type), texts, recipe.max_new_tokens)


def _check_positions(most: int | None, texts: list[EncodedText], new_tokens: int) -> None:
    longest = max(texts, key=lambda text: len(text.ids))
    wanted = max(len(longest.ids), len(longest.prompt_ids) + new_tokens)
    if most is not None and wanted > most:
        raise RowsError(f"row {longest.row.id!r}: {wanted} tokens, but the base reads {most}; leave it out")
