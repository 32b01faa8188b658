"""Group near duplicates with datasketch; runs in datasketch's own environment, knows nothing of ours.

    python dedup_peer.py DOCUMENTS.json PERMUTATIONS SHINGLE_WORDS THRESHOLD

The way its documentation shows: a MinHash a document, MinHashLSH for candidates, the estimated Jaccard
similarity to check them. Prints {"seconds": .., "groups": [[0, 7], ..]}.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    """Read the documents, group them, print the groups and the processor seconds it took."""
    texts = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    permutations, size, threshold = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    started = time.process_time()
    sketches = MinHash.bulk([_shingles(text, size) for text in texts], num_perm=permutations)
    index = MinHashLSH(threshold=threshold, num_perm=permutations)
    with index.insertion_session() as session:
        for at, sketch in enumerate(sketches):
            session.insert(at, sketch)
    parents = list(range(len(texts)))
    for at, sketch in enumerate(sketches):
        for other in index.query(sketch):
            if other < at and sketch.jaccard(sketches[other]) >= threshold:
                parents[_root(parents, at)] = _root(parents, other)
    groups: dict[int, list[int]] = {}
    for at in range(len(texts)):
        groups.setdefault(_root(parents, at), []).append(at)
    found = [group for group in groups.values() if len(group) > 1]
    print(json.dumps({"seconds": time.process_time() - started, "groups": found}))


def _shingles(text: str, size: int) -> list[bytes]:
    words = re.findall(r"\w+", text.lower().replace("ё", "е"))
    return [" ".join(words[at : at + size]).encode() for at in range(max(len(words) - size + 1, 1))]


def _root(parents: list[int], at: int) -> int:
    while parents[at] != at:
        parents[at] = parents[parents[at]]
        at = parents[at]
    return at


if __name__ == "__main__":
    main()
