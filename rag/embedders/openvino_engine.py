"""Run a sentence-transformers folder through OpenVINO, which is about 2.5 times as fast on processors.

The whole model, pooling included, is converted once into a folder beside the weights, compared
with sentence-transformers on sample texts, and used only where the vectors agree. Texts of the
same number of tokens share a batch, so nothing is padded, and a text has the same vector in any
company; several batches run at once, each on threads of its own, which wait for nobody.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MIN_COSINE = 0.9999  # to the vectors of sentence-transformers in float32
BATCH_SIZE = 8  # more is not faster and takes more memory
_MODEL, _SPECIFICATION = "openvino_model.xml", "engine.json"
_FORMAT = 1  # part of the folder's name: change it with anything that changes what is written there
_SAMPLES = (
    "passage: Вы можете вернуть товар в течение 14 дней со дня доставки.",
    "query: Where can I return the goods, and WHAT does it cost?",
    "ёлка",
    "  x = [1, 2.5]\n\treturn x  # naïve “quotes” €10 ",
    "Гарантия не покрывает повреждения. The warranty does not cover damage. " * 60,
)

os.environ.setdefault("OPENVINO_TELEMETRY_DISABLED", "1")  # nothing leaves the machine


class OpenVinoEngine:
    """Embed texts with a model that was converted before; make one with `open_engine`."""

    def __init__(self, converted: Path, tokenizer: Path) -> None:
        self._converted, self._tokenizer_file = converted, tokenizer
        specification = json.loads((converted / _SPECIFICATION).read_text("utf-8"))
        self.dimension: int = specification["dimension"]
        self.prompts: dict[str, str] = specification["prompts"]
        self._max_tokens: int = specification["max_tokens"]
        self._inputs: list[str] = specification["inputs"]

    @cached_property
    def precision(self) -> str:
        """Return `bf16` where the processor computes in it, else `f32`."""
        from openvino import Core

        return "bf16" if "BF16" in Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        tokenizer.enable_truncation(self._max_tokens)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _compiled(self) -> Any:
        from openvino import Core

        settings = {"INFERENCE_PRECISION_HINT": self.precision, "PERFORMANCE_HINT": "THROUGHPUT"}
        return Core().compile_model(self._converted / _MODEL, "CPU", settings)

    @cached_property
    def _at_once(self) -> int:
        """Return how many batches keep all processors busy, with one more that stands ready."""
        return int(self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")) + 1

    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return unit vectors (n, dimension)."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        if not texts:
            return vectors
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        done = 0
        for some, embedded in self._embedded(ids):
            vectors[some] = embedded
            done += len(some)
            if progress:
                progress(done, len(texts))
        return vectors

    def _embedded(self, ids: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Yield the numbers of the texts of each batch with their vectors."""
        running: deque[tuple[list[int], Any]] = deque()
        for some in _batches([len(tokens) for tokens in ids]):
            if len(running) < self._at_once:
                request = self._compiled.create_infer_request()  # for this call: threads do not share it
            else:
                done, request = running.popleft()
                yield done, _vectors(request)
            tokens = np.asarray([ids[at] for at in some], np.int64)
            given = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
            given["token_type_ids"] = np.zeros_like(tokens)
            request.start_async([given[name] for name in self._inputs])
            running.append((some, request))
        for done, request in running:
            yield done, _vectors(request)


def _vectors(request: Any) -> NDArray[np.float32]:
    request.wait()
    vectors: NDArray[np.float32] = request.get_output_tensor(0).data
    return vectors


def open_engine(folder: Path, digest: str, load: Callable[[], SentenceTransformer]) -> OpenVinoEngine | None:
    """Return the engine for a folder whose weights have this digest, converting it on first use.

    Returns None where the model cannot be converted, its vectors do not agree with those of
    sentence-transformers, or the folder cannot be written to. `load` gives the original.
    """
    converted = folder / f"openvino-{_FORMAT}-{digest}"
    if not converted.exists() and not _convert(folder, converted, load):
        return None
    usable = json.loads((converted / _SPECIFICATION).read_text("utf-8"))["usable"]
    return OpenVinoEngine(converted, folder / "tokenizer.json") if usable else None


def _convert(folder: Path, converted: Path, load: Callable[[], SentenceTransformer]) -> bool:
    """Write the converted model, or a note that it is of no use; return whether anything was written."""
    try:
        scratch = Path(tempfile.mkdtemp(dir=folder, prefix=".convert-"))
    except OSError:
        return False
    try:
        reason = _write(load(), scratch, folder / "tokenizer.json")
        if reason:
            (scratch / _MODEL).unlink(missing_ok=True)
            (scratch / _MODEL).with_suffix(".bin").unlink(missing_ok=True)
            note = json.dumps({"usable": False, "reason": reason}, ensure_ascii=False)
            (scratch / _SPECIFICATION).write_text(note, "utf-8")
        scratch.rename(converted)
    except OSError:
        return converted.exists()  # another process may have finished first; or the disk is full
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return True


def _write(model: SentenceTransformer, scratch: Path, tokenizer: Path) -> str:
    """Convert a model into a folder; return why it cannot be used, or nothing."""
    from openvino import save_model

    if not tokenizer.is_file():
        return "no tokenizer.json"
    inputs = [name for name in model.tokenizer.model_input_names if name in _INPUTS]
    try:
        save_model(_traced(model, inputs), scratch / _MODEL, compress_to_fp16=False)
    except Exception as error:  # noqa: BLE001 - converters raise all kinds for models they do not know
        return f"not convertible: {' '.join(str(error).split())[:300]}"
    specification = {
        "usable": True,
        "dimension": model.get_embedding_dimension(),
        "prompts": {name: text or "" for name, text in model.prompts.items()},
        "max_tokens": model.max_seq_length,
        "inputs": inputs,
    }
    (scratch / _SPECIFICATION).write_text(json.dumps(specification, ensure_ascii=False), "utf-8")
    theirs = model.encode(
        list(_SAMPLES), batch_size=1, normalize_embeddings=True, prompt="", show_progress_bar=False
    )
    cosines = (OpenVinoEngine(scratch, tokenizer).encode(_SAMPLES) * theirs).sum(axis=1)
    return "" if cosines.min() >= MIN_COSINE else f"vectors differ: cosine {cosines.min():.5f}"


_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def _traced(model: SentenceTransformer, inputs: list[str]) -> Any:
    """Return OpenVINO's form of a whole model: token ids in, unit vectors out."""
    import torch
    from openvino import convert_model

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList(list(model))

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            features: dict[str, Any] = dict(zip(inputs, tensors, strict=True))
            for part in self.parts:
                features = part(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    example = torch.ones((2, 16), dtype=torch.long)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every branch it takes
        converted = convert_model(Whole().eval(), example_input=tuple(example for _ in inputs))
    if len(converted.inputs) != len(inputs):
        raise ValueError(f"{len(inputs)} inputs became {len(converted.inputs)}")
    return converted


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group the numbers of texts of one length, the longest first."""
    order = sorted(range(len(lengths)), key=lambda at: -lengths[at])
    some: list[int] = []
    for at in order:
        if some and (lengths[at] != lengths[some[0]] or len(some) == BATCH_SIZE):
            yield some
            some = []
        some.append(at)
    yield some
