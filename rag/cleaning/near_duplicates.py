"""Find texts that differ by a few words: MinHash signatures, banding, groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from rag.cleaning.shingles import SHINGLE_WORDS, shingle_hashes

PERMUTATIONS = 128
THRESHOLD = 0.8
_SEED = 1
SIGNATURE_VERSION = f"rminhash-{RMinHash.ALGORITHM_VERSION}-{PERMUTATIONS}-words-{SHINGLE_WORDS}-3"
"""Names how a signature was made; signatures of two versions must not be compared."""

_MISSED = 0.01  # banding may miss this share of the pairs that lie exactly on the threshold
_BLOCK_CHARACTERS = 1_000_000
_NEAREST = 500  # bounds the comparisons in a bucket of pages that share boilerplate, yet are not alike


def signature(text: str) -> NDArray[np.uint32]:
    """Return the MinHash signature of a text, 128 numbers; `signatures` is faster for many.

    The share of equal numbers in two signatures estimates the Jaccard similarity of the two sets of
    three-word shingles, with a standard error of at most 0.044. Case, ё, punctuation and white space are
    levelled first; digits are kept. To a text shorter than a shingle only exact copies are similar.
    R-MinHash (the library rensa), after Broder (1997), "On the resemblance and containment of documents".
    """
    return np.asarray(signatures([text])[0])


def signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return the signatures of many texts, one a row.

    A text of more than a million characters is signed in pieces: the signature of a union of sets is the
    least of their signatures, number by number.
    """
    if not texts:
        return np.empty((0, PERMUTATIONS), np.uint32)
    starts = [range(0, max(len(text), 1), _BLOCK_CHARACTERS) for text in texts]
    pieces = (
        text[start : start + _BLOCK_CHARACTERS]
        for text, of_text in zip(texts, starts, strict=True)
        for start in of_text
    )
    rows: list[NDArray[np.uint32]] = []
    for block in _blocks(pieces):
        hashes, counts = shingle_hashes(block)
        ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, ends, PERMUTATIONS, _SEED)
        rows.append(np.array(matrix.to_rows(), np.uint32))
    firsts = np.cumsum([0, *(len(of_text) for of_text in starts[:-1])])
    return np.asarray(np.minimum.reduceat(np.concatenate(rows), firsts))


def _blocks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts in blocks of about a million characters, so that memory stays small."""
    block: list[str] = []
    held = 0
    for text in texts:
        block.append(text)
        held += len(text)
        if held > _BLOCK_CHARACTERS:
            yield block
            block, held = [], 0
    if block:
        yield block


def group(signatures: Mapping[str, NDArray[np.uint32]], threshold: float = THRESHOLD) -> list[list[str]]:
    """Return the groups of two or more near duplicates, as sorted lists of keys, sorted.

    Two texts are near duplicates when their estimated Jaccard similarity reaches the threshold; a chain of
    such pairs is one group. The answer does not depend on the order of the mapping.
    Candidates are found by banding: Leskovec, Rajaraman & Ullman, "Mining of Massive Datasets", section 3.4.

    Raises ValueError when the threshold is not above 0 and at most 1.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"a threshold of similarity lies above 0 and at most at 1, not at {threshold}")
    keys = sorted(signatures)
    if len(keys) < 2:
        return []
    labels = _components(np.stack([signatures[key] for key in keys]), threshold)
    members: dict[int, list[str]] = {}
    for key, label in zip(keys, labels.tolist(), strict=True):
        members.setdefault(label, []).append(key)
    return sorted(group for group in members.values() if len(group) > 1)


def pack(signature: NDArray[np.uint32]) -> bytes:
    """Return a signature as 512 bytes, little-endian, to be stored beside SIGNATURE_VERSION."""
    return bytes(signature.astype("<u4").tobytes())


def unpack(stored: bytes) -> NDArray[np.uint32]:
    """Return the signature that `pack` stored."""
    return np.frombuffer(stored, "<u4").astype(np.uint32)


def _components(matrix: NDArray[np.uint32], threshold: float) -> NDArray[np.int64]:
    """Label the rows so that rows joined by a chain of similar pairs share a label."""
    labels: NDArray[np.int64] = np.arange(len(matrix), dtype=np.int64)
    for band in _bands(threshold):
        buckets = _buckets(matrix[:, band])
        order = np.argsort(buckets, kind="stable")
        for distance in range(1, _NEAREST + 1):
            order = order[_mixed(buckets, labels)[buckets[order]]]
            left, right = order[:-distance], order[distance:]
            together = buckets[left] == buckets[right]
            if not together.any():
                break
            apart = together & (labels[left] != labels[right])
            left, right = left[apart], right[apart]
            similar = (matrix[left] == matrix[right]).mean(axis=1) >= threshold
            if similar.any():
                labels = _joined(labels, left[similar], right[similar])
    return labels


def _bands(threshold: float) -> Iterator[slice]:
    """Cut the permutations into the widest bands that still find nearly every pair on the threshold."""
    rows = 1
    for wider in range(2, PERMUTATIONS + 1):
        missed = (1 - threshold**wider) ** (PERMUTATIONS // wider)
        if missed <= _MISSED:
            rows = wider
    return (slice(at, at + rows) for at in range(0, PERMUTATIONS - rows + 1, rows))


def _buckets(band: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Number the rows of a band so that equal rows have equal numbers.

    Rows are hashed into 64 bits; a collision makes one comparison more, never a false pair.
    """
    factors = np.random.default_rng(_SEED).integers(1, 2**63, band.shape[1], np.uint64) | np.uint64(1)
    hashes = (band.astype(np.uint64) * factors).sum(axis=1, dtype=np.uint64)
    _, numbers = np.unique(hashes, return_inverse=True)
    return np.asarray(numbers, np.int64)


def _mixed(buckets: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say of each bucket whether its rows bear more than one label, so that it is worth a look."""
    lowest = np.full(len(buckets), len(labels))
    highest = np.full(len(buckets), -1)
    np.minimum.at(lowest, buckets, labels)
    np.maximum.at(highest, buckets, labels)
    return np.asarray(lowest < highest)


def _joined(
    labels: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the labels after the rows of each pair were joined."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = (np.ones(len(left), np.int8), (labels[left], labels[right]))
    graph = coo_array(pairs, shape=(len(labels), len(labels)))
    _, parts = connected_components(graph, directed=False)
    return np.asarray(parts[labels], np.int64)
