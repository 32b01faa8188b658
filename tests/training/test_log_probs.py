"""Log-probabilities: ours, TRL's fused head and plain arithmetic agree."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from trl.trainer.utils import add_fused_lm_head

from training.encoding import encode_pairs
from training.loading import load_policy, load_tokenizer
from training.log_probs import pair_log_probs, use_answer_head
from training.rows import PreferenceRow

pytestmark = pytest.mark.models
FIELDS = ("log_probs", "entropy", "mean_logits", "is_top1")


def test_sums_equal_plain_arithmetic(
    tiny_folder: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    tokenizer, model = load_tokenizer(tiny_folder), load_policy(tiny_folder)
    pairs = encode_pairs(tokenizer, make_rows(3))
    expected = []
    for pair in pairs:
        sums = []
        for answer in (pair.chosen_ids, pair.rejected_ids):
            ids = torch.tensor([pair.prompt_ids + answer])
            with torch.no_grad():
                log_probs = model(input_ids=ids).logits[0].double().log_softmax(-1)
            start = len(pair.prompt_ids)
            sums.append(sum(log_probs[start + k - 1, token].item() for k, token in enumerate(answer)))
        expected.append(sums)
    np.testing.assert_allclose(pair_log_probs(model, pairs, tokenizer.pad_token_id), expected, atol=1e-3)


def test_answer_head_equals_trls_own(tiny_folder: Path) -> None:
    model = load_policy(tiny_folder)
    add_fused_lm_head(model, outputs=FIELDS)
    ids = torch.randint(3, 1000, (2, 12), generator=torch.Generator().manual_seed(0))
    labels = ids.clone()
    labels[0, :5] = -100
    labels[1, :7] = -100
    labels[1, 10:] = -100
    theirs = model(input_ids=ids, labels=labels, fused_lm_head=True)
    use_answer_head(model)
    ours = model(input_ids=ids, labels=labels, fused_lm_head=True)
    for field in FIELDS:
        torch.testing.assert_close(getattr(ours, field), getattr(theirs, field), rtol=1e-4, atol=1e-5)
    assert model(input_ids=ids).logits.shape == (2, 12, model.config.vocab_size)  # other calls stay
