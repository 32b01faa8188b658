"""Measure near-duplicate removal beside datasketch: documents a second, recall, precision.

    python -m benchmarks.dedup [--quick] [--data ../shared/data/xquad_r] [--peers FOLDER]

Documents are real passages of XQuAD-R, spliced so that each original is unlike the others, and copies of
some of them with 1 to 15 % of the words edited. A pair of a copy and its original is a true one where the
exact Jaccard similarity of their shingles reaches the threshold. Both sides read the same texts, cut the
same shingles, use as many permutations and the same threshold, and are timed from text to groups, thrice,
in seconds of processor time over all threads, so that a busy machine favours neither; the best time counts.
Interrupt it and start it again: finished runs are kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from benchmarks.peers import PEERS, run_in
from benchmarks.results import WORK, Row, publish
from rag.cleaning.near_duplicates import PERMUTATIONS, THRESHOLD, group, signatures
from rag.cleaning.shingles import SHINGLE_WORDS
from rag.language import words

TARGET = 5.0
ROUNDS = 3
COPIES_A_FIFTH = 3  # of five documents three are originals and two are copies
_HERE = Path(__file__).parent


def main() -> None:
    """Make the documents, run both sides, print and write the rows."""
    parser = argparse.ArgumentParser(description="Measure near-duplicate removal beside datasketch.")
    parser.add_argument("--quick", action="store_true", help="2,000 documents; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--data", type=Path, default=_HERE.parents[0] / ".." / "shared" / "data" / "xquad_r")
    parser.add_argument("--peers", type=Path, default=PEERS, help="where the peers' environments lie")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"no data at {options.data}: name the folder of XQuAD-R with --data")
    work = WORK / ("dedup-quick" if options.quick else "dedup")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    texts, originals = make_documents(options.data, 2_000 if options.quick else 20_000)
    (work / "documents.json").write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    ours, theirs = [], []
    for number in range(ROUNDS):
        ours.append(_kept(work / f"ours-{number}.json", lambda: _ours(texts)))
        theirs.append(
            _kept(
                work / f"datasketch-{number}.json",
                lambda: _datasketch(work / "documents.json", options.peers),
            )
        )
    publish("dedup", _rows(texts, originals, ours, theirs), write=not options.quick)


def make_documents(data: Path, count: int) -> tuple[list[str], list[int]]:
    """Return `count` documents, and for each the number of the original it copies, or its own.

    An original is four runs of about 25 words, each out of another passage of one language.
    """
    rng = np.random.default_rng(7)
    passages = {language: _passages(data / f"{language}.jsonl.gz") for language in ("ru", "en")}
    texts: list[str] = []
    originals: list[int] = []
    fresh: list[int] = []
    for at in track(range(count), description="documents"):
        if at % 5 < COPIES_A_FIFTH:
            originals.append(at)
            fresh.append(at)
            texts.append(_spliced(passages["ru" if at % 2 else "en"], rng))
        else:
            copied = fresh[int(rng.integers(len(fresh)))]
            originals.append(copied)
            texts.append(_edited(texts[copied], float(rng.uniform(0.01, 0.15)), rng))
    return texts, originals


def _passages(file: Path) -> list[list[str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    return [paragraph["context"].split() for article in articles for paragraph in article["paragraphs"]]


def _spliced(passages: list[list[str]], rng: np.random.Generator) -> str:
    parts: list[str] = []
    for at in rng.choice(len(passages), 4, replace=False):
        length = int(rng.integers(15, 36))
        start = int(rng.integers(0, max(len(passages[at]) - length, 1)))
        parts += passages[at][start : start + length]
    return " ".join(parts)


def _edited(text: str, share: float, rng: np.random.Generator) -> str:
    """Return a text with this share of its words replaced, dropped or doubled."""
    edited = text.split()
    for at in rng.permutation(len(edited))[: max(1, round(share * len(edited)))]:
        word = edited[at]
        edited[at] = str(rng.choice((f"{word}{rng.integers(100)}", "", f"{word} {word}")))
    return " ".join(word for word in edited if word)


def _kept(file: Path, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what an earlier start measured, or measure it."""
    if not file.exists():
        file.write_text(json.dumps(measure()), "utf-8")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def _ours(texts: list[str]) -> dict[str, Any]:
    started = time.process_time()
    signed = {f"{at:06}": row for at, row in enumerate(signatures(texts))}
    signing = time.process_time() - started
    groups = group(signed)
    seconds = time.process_time() - started
    return {"seconds": seconds, "signing": signing, "groups": [[int(key) for key in one] for one in groups]}


def _datasketch(documents: Path, peers: Path) -> dict[str, Any]:
    arguments: list[str | Path | float] = [documents, PERMUTATIONS, SHINGLE_WORDS, THRESHOLD]
    found: dict[str, Any] = run_in(
        "datasketch", ["datasketch==2.0.0"], _HERE / "dedup_peer.py", arguments, folder=peers
    )
    return found


def _rows(
    texts: list[str], originals: list[int], ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> list[Row]:
    rate = len(texts) / min(run["seconds"] for run in ours)
    peer = len(texts) / min(run["seconds"] for run in theirs)
    rows = [
        Row(
            f"documents a processor second, text to groups, {len(texts):,} documents, datasketch 2.0",
            rate,
            peer,
            rate / peer,
            f"≥ {TARGET:g} times",
            rate / peer >= TARGET,
        ),
        Row("processor seconds of ours for signing alone", min(run["signing"] for run in ours)),
    ]
    true = _true_pairs(texts, originals)
    for name, at in (("recall of true pairs", 0), ("precision of pairs", 1)):
        mine, other = (
            _quality(ours[0]["groups"], true, originals)[at],
            _quality(theirs[0]["groups"], true, originals)[at],
        )
        rows.append(Row(name, mine, other, mine / other, "≥ datasketch − 0.01", mine >= other - 0.01))
    return rows


def _true_pairs(texts: list[str], originals: list[int]) -> set[tuple[int, int]]:
    """Return the pairs of a copy and its original that are alike by the exact similarity."""
    pairs = ((original, at) for at, original in enumerate(originals) if original != at)
    return {(a, b) for a, b in pairs if _jaccard(texts[a], texts[b]) >= THRESHOLD}


def _jaccard(a: str, b: str) -> float:
    sets = []
    for text in (a, b):
        found = words(text)
        sets.append({tuple(found[at : at + SHINGLE_WORDS]) for at in range(len(found) - SHINGLE_WORDS + 1)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def _quality(
    groups: list[list[int]], true: set[tuple[int, int]], originals: list[int]
) -> tuple[float, float]:
    """Return the share of the true pairs in one group, and of the grouped pairs that share an original."""
    of = {member: number for number, members in enumerate(groups) for member in members}
    recall = sum(a in of and of.get(a) == of.get(b) for a, b in true) / len(true)
    pairs = [originals[a] == originals[b] for members in groups for a, b in combinations(members, 2)]
    return recall, sum(pairs) / len(pairs)


if __name__ == "__main__":
    main()
