"""A tiny cross-encoder, really trained, reranks; what is none is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.rerankers import CrossEncoderReranker
from tests.small_berts import small_config, word_tokenizer

SUBJECTS = [
    ["rose", "tulip", "daisy", "lily"],
    ["laptop", "phone", "tablet", "screen"],
    ["court", "judge", "lawyer", "trial"],
]
WORDS = [word for subject in SUBJECTS for word in subject]


def make_encoder(folder: Path, labels: int = 1) -> None:
    """Write a BERT of two small layers that knows twelve words, with the weights it starts from."""
    import torch
    from transformers import BertForSequenceClassification

    tokenizer = word_tokenizer(WORDS)
    torch.manual_seed(0)
    config = small_config(
        tokenizer,
        num_labels=labels,
        initializer_range=0.15,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train the encoder to tell whether a word and a text are of one subject."""
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("encoder") / "model"
    make_encoder(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BertForSequenceClassification.from_pretrained(folder)
    pairs = [
        (asked, text, float(one is other))
        for one in SUBJECTS
        for asked in one
        for other in SUBJECTS
        for text in other
        if asked != text
    ]
    batch = tokenizer([p[0] for p in pairs], [p[1] for p in pairs], return_tensors="pt")
    wanted = torch.tensor([p[2] for p in pairs])
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(120):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**batch).logits[:, 0], wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.save_pretrained(folder)
    return folder


@pytest.mark.models
def test_a_trained_encoder_puts_its_subject_first(trained: Path) -> None:
    reranker = CrossEncoderReranker(trained)
    texts = ["judge lawyer", "tulip daisy", "laptop screen"]
    for query, best in (("rose", 1), ("phone", 2), ("trial", 0)):
        scores = reranker.score(query, texts)
        assert scores.shape == (3,)
        assert scores.dtype == np.float64
        assert int(np.argmax(scores)) == best


@pytest.mark.models
def test_scores_do_not_depend_on_the_company(trained: Path) -> None:
    reranker = CrossEncoderReranker(trained, batch_size=2)
    texts = ["judge", "tulip daisy lily rose tulip", "", "laptop screen phone", "unknown words"]
    together = reranker.score("rose", texts)
    alone = [float(reranker.score("rose", [text])[0]) for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert reranker.score("rose", []).shape == (0,)


@pytest.mark.models
def test_other_weights_have_another_fingerprint(trained: Path, tmp_path: Path) -> None:
    make_encoder(tmp_path / "other")
    one, other = CrossEncoderReranker(trained), CrossEncoderReranker(tmp_path / "other")
    assert one.fingerprint == CrossEncoderReranker(trained).fingerprint
    assert one.fingerprint != other.fingerprint


@pytest.mark.models
def test_a_model_with_several_numbers_is_refused(tmp_path: Path) -> None:
    make_encoder(tmp_path, labels=3)
    with pytest.raises(ModelError, match="gives 3 numbers"):
        CrossEncoderReranker(tmp_path).score("rose", ["tulip"])


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a cross-encoder"):
        CrossEncoderReranker(tmp_path / "nowhere")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (tmp_path / "model.safetensors").write_bytes(b"cut short")
    with pytest.raises(ModelError, match="cannot be loaded"):
        CrossEncoderReranker(tmp_path).score("rose", ["tulip"])
