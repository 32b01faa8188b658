"""What tantivy does beside the contract: files, and what it says when they are broken."""

from contextlib import suppress
from pathlib import Path

import pytest

from rag.errors import IndexStaleError
from rag.indexes.tantivy_index import TantivyIndex

CHUNKS = {n: f"Возврат товара номер {n} занимает {n % 30} дней." for n in range(1, 400)}


@pytest.fixture
def index(tmp_path: Path) -> TantivyIndex:
    return TantivyIndex.build(CHUNKS.items(), tmp_path)


def test_a_saved_index_answers_alike(index: TantivyIndex, tmp_path: Path) -> None:
    again = TantivyIndex.load(tmp_path)
    assert again.search(["возврат товаров"], 5) == index.search(["возврат товаров"], 5)


def test_a_reader_sees_nothing_half_written(index: TantivyIndex) -> None:
    def rows() -> object:
        yield 1_000, "возврат свежий"
        assert not index.search(["свежий"], 5)[0]
        raise KeyError("no power")

    with pytest.raises(KeyError, match="no power"):
        index.add(rows())  # type: ignore[arg-type]
    assert not index.search(["свежий"], 5)[0]
    assert len(index) == len(CHUNKS)
    index.add([(1_000, "возврат свежий")])
    assert index.search(["свежий"], 5)[0][0].chunk_id == 1_000


def test_large_filters_are_looked_for_among_the_hits(
    index: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = index.search(["возврат 17"], 20, range(0, 400, 3))
    monkeypatch.setattr("rag.indexes.tantivy_index._FILTER_UP_TO", 10)
    found = index.search(["возврат 17"], 20, range(0, 400, 3))
    assert {hit.score for hit in found[0]} == {hit.score for hit in wanted[0]}
    assert len(found[0]) == 20
    assert all(hit.chunk_id % 3 == 0 for hit in found[0])


@pytest.mark.parametrize(
    "harm", ["missing", "meta.json", "*.term", "*.store", "*.idx", "*.fast", "*.fieldnorm"]
)
@pytest.mark.parametrize("content", [b"garbage" * 40, b"", "half", "flipped"])
def test_a_damaged_index_is_stale_or_right(
    index: TantivyIndex, tmp_path: Path, harm: str, content: bytes | str
) -> None:
    for file in (tmp_path / "words").glob("*" if harm == "missing" else harm):
        whole = file.read_bytes()
        if harm == "missing":
            file.unlink()
        elif content == "flipped":  # every byte, but the length and the footer stay
            file.write_bytes(bytes(byte ^ 0xFF for byte in whole[:-60]) + whole[-60:])
        else:
            file.write_bytes(whole[: len(whole) // 2] if content == "half" else bytes(content))
    # Nothing but IndexStaleError may come out, neither a panic of Rust nor an OSError.
    harmless = content == "flipped" and harm not in ("missing", "meta.json")
    with (
        suppress(IndexStaleError)
        if harmless
        else pytest.raises(IndexStaleError, match="run `pairloop index rebuild`")
    ):
        search(tmp_path)


def search(folder: Path) -> None:
    damaged = TantivyIndex.load(folder)
    damaged.search(["возврат товаров", "17"], 5)
