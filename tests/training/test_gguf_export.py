"""GGUF out: the fast engine says what transformers says, for a changed checkpoint too."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from safetensors.numpy import load_file, save_file

from training.errors import ModelError
from training.gguf_export import export_gguf
from training.loading import load_policy, load_tokenizer, save_model

pytestmark = pytest.mark.models
QUESTIONS = [
    "What is the capital of France?",
    "Name three primary colours.",
    "Write one sentence about rain.",
]


def reference_answers(folder: Path, count: int, questions: Sequence[str] = QUESTIONS) -> list[str]:
    model, tokenizer = load_policy(folder), load_tokenizer(folder)
    answers = []
    for question in questions:
        chat = [{"role": "user", "content": question}]
        ids = tokenizer.apply_chat_template(
            chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with torch.inference_mode():
            text = model.generate(**ids, max_new_tokens=count, do_sample=False)
        answers.append(tokenizer.decode(text[0, ids["input_ids"].shape[1] :], skip_special_tokens=True))
    return answers


def engine_answers(gguf: Path, count: int) -> list[str]:
    genai = pytest.importorskip("openvino_genai")
    # At its default precision the engine may break a near tie the other way; the weights are what is tested.
    exact = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}
    pipeline = genai.LLMPipeline(str(gguf), "CPU", **exact)
    config = genai.GenerationConfig(max_new_tokens=count, do_sample=False)
    return [str(pipeline.generate(question, config)) for question in QUESTIONS]


@pytest.fixture(scope="module")
def changed_folder(smollm2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SmolLM2 with some matrices of every layer moved a little, as training would."""
    model, tokenizer = load_policy(smollm2_folder), load_tokenizer(smollm2_folder)
    torch.manual_seed(0)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "self_attn" not in name:
                continue
            weights.add_(torch.randn_like(weights) * weights.std() * 0.2)
    folder = tmp_path_factory.mktemp("changed") / "model"
    save_model(model, tokenizer, folder)
    return folder


@pytest.mark.slow
def test_changed_checkpoint_answers_the_same_in_the_engine(
    changed_folder: Path, smollm2_folder: Path, smollm2_gguf: Path, tmp_path: Path
) -> None:
    exported = export_gguf(changed_folder, smollm2_gguf, tmp_path / "changed.gguf")
    expected = reference_answers(changed_folder, 16)
    assert engine_answers(exported, 16) == expected
    assert expected[1:2] != reference_answers(smollm2_folder, 16, QUESTIONS[1:2])


@pytest.mark.slow
def test_untouched_checkpoint_answers_the_same_in_the_engine(
    smollm2_folder: Path, smollm2_gguf: Path, tmp_path: Path
) -> None:
    exported = export_gguf(smollm2_folder, smollm2_gguf, tmp_path / "same.gguf")
    assert engine_answers(exported, 32) == reference_answers(smollm2_folder, 32)


@pytest.mark.slow
def test_small_precision_stores_the_same_weights_within_its_step(
    smollm2_folder: Path, smollm2_gguf: Path, tmp_path: Path
) -> None:
    exported = GGUFReader(export_gguf(smollm2_folder, smollm2_gguf, tmp_path / "q8.gguf", "Q8_0"))
    tokenizer = load_tokenizer(smollm2_folder)
    assert exported.fields["tokenizer.chat_template"].contents() == tokenizer.chat_template
    assert exported.fields["tokenizer.ggml.tokens"].contents(7) == tokenizer.convert_ids_to_tokens(7)
    stored = {tensor.name: tensor for tensor in exported.tensors}["blk.0.ffn_up.weight"]
    weights = load_file(smollm2_folder / "model.safetensors")["model.layers.0.mlp.up_proj.weight"]
    values = dequantize(stored.data, stored.tensor_type)
    assert np.abs(values - weights).max() <= np.abs(weights).max() / 127


@pytest.mark.slow
def test_foreign_weights_are_refused(tiny_folder: Path, smollm2_gguf: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not tuned from this GGUF"):
        export_gguf(tiny_folder, smollm2_gguf, tmp_path / "out.gguf")
    save_file({"base_model.lora_A.weight": np.zeros((2, 2))}, tmp_path / "adapter.safetensors")
    with pytest.raises(ModelError, match="merge adapters"):
        export_gguf(tmp_path, smollm2_gguf, tmp_path / "out.gguf")
    with pytest.raises(ModelError, match="no safetensors"):
        export_gguf(tmp_path / "none", smollm2_gguf, tmp_path / "out.gguf")
    (tmp_path / "text.gguf").write_text(json.dumps({}))
    with pytest.raises(ModelError, match="cannot be read as GGUF"):
        export_gguf(tiny_folder, tmp_path / "text.gguf", tmp_path / "out.gguf")
    assert not (tmp_path / "out.gguf").exists()
