"""CTranslate2: convert a model folder, load it, score and generate."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from training.encoding import EncodedText
from training.errors import ModelError

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
)
_WEIGHTS = ("*.safetensors", "model.bin")


def convert(base: Path, folder: Path, quantization: str) -> None:
    """Convert the model in `base` and put it with its tokenizer into `folder`, whole or not at all.

    Raises ModelError where CTranslate2 is not installed or does not know the architecture.
    """
    converter = _package(".converters").TransformersConverter(
        str(base), copy_files=[name for name in _TOKENIZER_FILES if (base / name).is_file()]
    )
    draft = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        converter.convert(str(draft), quantization=quantization, force=True)
    except (ValueError, KeyError, AttributeError, NotImplementedError) as error:
        raise ModelError(
            f"{base}: CTranslate2 cannot convert it: {' '.join(str(error).split())}; "
            "take a base of a family it knows"
        ) from error
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def weights_megabytes(folder: Path) -> float:
    """Give the size of a folder's weights in megabytes (10^6 bytes)."""
    return sum(file.stat().st_size for pattern in _WEIGHTS for file in folder.glob(pattern)) / 1e6


@dataclass(frozen=True)
class Int8Engine:
    """Score and generate with a converted model."""

    generator: Any
    tokenizer: Any

    @classmethod
    def load(cls, folder: Path, tokenizer: Any, compute_type: str) -> "Int8Engine":
        """Load a converted model; `compute_type` float32 computes with full weights. Raises ModelError."""
        device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            generator = _package().Generator(
                str(folder), device=device, compute_type=compute_type, intra_threads=torch.get_num_threads()
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                f"{folder}: cannot be loaded as {compute_type} on this {device}: "
                f"{' '.join(str(error).split())}"
            ) from error
        return cls(generator, tokenizer)

    def nats(self, texts: Sequence[EncodedText]) -> list[float]:
        """Give the loss of each text's answer, in nats."""
        tokens = [self.tokenizer.convert_ids_to_tokens(text.ids) for text in texts]
        scored = self.generator.score_batch(tokens, max_batch_size=1)
        return [
            -sum(result.log_probs[-len(text.answer_ids) :])
            for result, text in zip(scored, texts, strict=True)
        ]

    def greedy(self, prompt_ids: list[int], max_new_tokens: int, ends: Sequence[int]) -> list[int]:
        """Give the greedy answer to one prompt, its end token included."""
        [result] = self.generator.generate_batch(
            [self.tokenizer.convert_ids_to_tokens(prompt_ids)],
            max_length=max_new_tokens,
            sampling_topk=1,
            include_prompt_in_result=False,
            end_token=list(ends),
            return_end_token=True,
        )
        return [int(token) for token in result.sequences_ids[0]]


def _package(part: str = "") -> Any:
    try:
        return import_module(f"ctranslate2{part}")
    except ImportError as error:
        raise ModelError("CTranslate2 is not installed: pip install ctranslate2") from error
