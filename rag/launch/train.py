"""Train the launch classifier: `python -m rag.launch.train [FILE] [--extra FILE] [--out FOLDER]`.

A row is a JSON object with `text`, `language` (ru or en), `action` and `group`; paraphrases and
translations share a group, so that none of them is judged by a model that saw another one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.embedders import Embedder, LocalEmbedder
from rag.errors import ModelError, RagError
from rag.language import LANGUAGES, detect_language
from rag.launch.classifier import PROBES, SHIPPED, LaunchClassifier
from rag.launch.decisions import ACTIONS
from rag.launch.features import question_features
from rag.launch.rules import decide_by_rule

QUESTIONS = SHIPPED / "questions.jsonl"
REPORT_FILE = "report.json"
FOLDS = 5
WANTED_PRECISION = 0.9  # of each action other than `answer`: an unanswered question costs most
STRENGTHS = (0.01, 0.03, 0.1, 0.3)  # inverse regularisation, tried from the simplest model


class LabelledQuestion(NamedTuple):
    """Hold a question, what to do with it, and the group of its paraphrases."""

    text: str
    language: str
    action: str
    group: str


def read_labelled(path: Path) -> list[LabelledQuestion]:
    """Read labelled questions; raise ModelError naming the line that is wrong.

    `language` is told from the text and `group` is the line's own where they are missing.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            found.append(_labelled(line, path, number))
    return found


def _labelled(line: str, path: Path, number: int) -> LabelledQuestion:
    try:
        row: dict[str, Any] = json.loads(line)
        text, action = str(row["text"]).strip(), row["action"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ModelError(f"{path}:{number}: a JSON object with `text` and `action` is wanted") from error
    if not text or action not in ACTIONS:
        raise ModelError(f"{path}:{number}: `text` is empty or `action` is none of {', '.join(ACTIONS)}")
    group = f"{path.name}:{row.get('group', f'line {number}')}"
    return LabelledQuestion(text, str(row.get("language") or detect_language(text)), action, group)


def train(
    rows: Sequence[LabelledQuestion], embedder: Embedder
) -> tuple[LaunchClassifier, dict[str, Any], list[str]]:
    """Return the classifier, a report on held-out folds, and the questions it gets wrong there.

    Each question is judged by a model and thresholds that saw nothing of its group. Raises
    ModelError when an action has too few groups for the folds.
    """
    groups = {action: {row.group for row in rows if row.action == action} for action in ACTIONS}
    if poor := [action for action, some in groups.items() if len(some) < FOLDS]:
        raise ModelError(f"{', '.join(poor)}: fewer than {FOLDS} groups of questions to learn from")
    texts = [row.text for row in rows]
    features = question_features(texts, embedder.embed_queries(texts))
    labels = np.array([ACTIONS.index(row.action) for row in rows])
    folds = _folds(rows)
    held_out = {strength: _held_out(features, labels, folds, strength) for strength in STRENGTHS}
    strength = min(STRENGTHS, key=lambda c: _log_loss(held_out[c], labels))
    shares = held_out[strength]
    chosen = np.concatenate(
        [
            _choose(shares[folds == k], _thresholds(shares[folds != k], labels[folds != k]))
            for k in range(FOLDS)
        ]
    )
    order = np.concatenate([np.flatnonzero(folds == k) for k in range(FOLDS)])
    predicted = np.empty_like(labels)
    predicted[order] = chosen
    predicted = _with_rules(rows, predicted)
    thresholds: dict[str, float] = dict(zip(ACTIONS, map(float, _thresholds(shares, labels)), strict=True))
    classifier = _classifier(features, labels, strength, thresholds, embedder)
    report = _report(rows, labels, predicted) | {"strength": strength, "thresholds": thresholds}
    return classifier, report, _wrong(rows, predicted)


def _folds(rows: Sequence[LabelledQuestion]) -> NDArray[np.int_]:
    """Deal the groups of each action to the folds in turn: the same folds on every run."""
    place: dict[str, int] = {}
    for action in ACTIONS:
        groups = dict.fromkeys(row.group for row in rows if row.action == action)
        place |= {group: at % FOLDS for at, group in enumerate(groups)}
    return np.array([place[row.group] for row in rows])


def _fit(features: NDArray[np.float32], labels: NDArray[np.int_], strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=2000).fit(features, labels)


def _scaling(features: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)


def _held_out(
    features: NDArray[np.float32], labels: NDArray[np.int_], folds: NDArray[np.int_], strength: float
) -> NDArray[np.float64]:
    shares = np.zeros((len(labels), len(ACTIONS)))
    for fold in range(FOLDS):
        seen = folds != fold
        mean, scale = _scaling(features[seen])
        model = _fit((features[seen] - mean) / scale, labels[seen], strength)
        shares[~seen] = model.predict_proba((features[~seen] - mean) / scale)
    return shares


def _log_loss(shares: NDArray[np.float64], labels: NDArray[np.int_]) -> float:
    return float(-np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-12)).mean())


def _thresholds(shares: NDArray[np.float64], labels: NDArray[np.int_]) -> NDArray[np.float64]:
    """Return for each action the lowest probability from which it is right often enough."""
    best, highest = shares.argmax(axis=1), shares.max(axis=1)
    thresholds = np.zeros(len(ACTIONS))
    for action in range(1, len(ACTIONS)):
        mine = np.flatnonzero(best == action)
        mine = mine[np.argsort(-highest[mine])]
        precision = np.cumsum(labels[mine] == action) / np.arange(1, len(mine) + 1)
        good = np.flatnonzero(precision >= WANTED_PRECISION)
        thresholds[action] = highest[mine[good[-1]]] if len(good) else 1.0
    return thresholds


def _choose(shares: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.int_]:
    best = shares.argmax(axis=1)
    chosen: NDArray[np.int_] = np.where(shares.max(axis=1) >= thresholds[best], best, 0)
    return chosen


def _classifier(
    features: NDArray[np.float32],
    labels: NDArray[np.int_],
    strength: float,
    thresholds: dict[str, float],
    embedder: Embedder,
) -> LaunchClassifier:
    mean, scale = _scaling(features)
    model = _fit((features - mean) / scale, labels, strength)
    return LaunchClassifier(
        weights=model.coef_.astype(np.float32),
        bias=model.intercept_.astype(np.float32),
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        probes=np.ascontiguousarray(embedder.embed_queries(PROBES), np.float32),
        thresholds=thresholds,
        embedder=embedder.fingerprint,
    )


def _with_rules(rows: Sequence[LabelledQuestion], predicted: NDArray[np.int_]) -> NDArray[np.int_]:
    """Put the rules in front, as in service."""
    ruled = [decide_by_rule(row.text) for row in rows]
    return np.array(
        [ACTIONS.index(rule.action) if rule else at for rule, at in zip(ruled, predicted, strict=True)]
    )


def _report(
    rows: Sequence[LabelledQuestion], labels: NDArray[np.int_], predicted: NDArray[np.int_]
) -> dict[str, Any]:
    """Return precision, recall and number of questions for each action and language."""
    table: dict[str, Any] = {}
    languages = np.array([row.language for row in rows])
    for language in LANGUAGES:
        mine = languages == language
        for at, action in enumerate(ACTIONS):
            right = int((mine & (labels == at) & (predicted == at)).sum())
            said, are = int((mine & (predicted == at)).sum()), int((mine & (labels == at)).sum())
            table.setdefault(language, {})[action] = {
                "precision": round(right / said, 3) if said else None,
                "recall": round(right / are, 3) if are else None,
                "questions": are,
            }
    return {
        "held_out": table,
        "accuracy": round(float((labels == predicted).mean()), 3),
        "questions": len(rows),
        "groups": len({row.group for row in rows}),
    }


def _wrong(rows: Sequence[LabelledQuestion], predicted: NDArray[np.int_]) -> list[str]:
    return [
        f"{row.action} → {ACTIONS[at]}: {row.text}"
        for row, at in zip(rows, predicted, strict=True)
        if row.action != ACTIONS[at]
    ]


def _print(report: dict[str, Any], wrong: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("language", "action", "precision", "recall", "questions")
    for language, actions in report["held_out"].items():
        for action, row in actions.items():
            table.add_row(
                language, action, *(str(row[name]) for name in ("precision", "recall", "questions"))
            )
    console = Console()
    console.print(table)
    for line in wrong:
        console.print(line, style="dim", markup=False)
    counted = Counter(line.partition(":")[0] for line in wrong)
    console.print(f"accuracy {report['accuracy']}; mistakes: {dict(counted)}", markup=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train on the shipped questions and the user's own, print the report, write the weights."""
    parser = argparse.ArgumentParser(prog="python -m rag.launch.train", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=QUESTIONS)
    parser.add_argument("--extra", type=Path, action="append", default=[], help="more labelled questions")
    parser.add_argument("--embedder", type=Path, help="a sentence-transformers folder (default: e5-small)")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache" / "pairloop" / "models")
    parser.add_argument("--out", type=Path, default=Path("launch"), help="folder for the weights")
    chosen = parser.parse_args(arguments)
    try:
        rows = [row for path in (chosen.file, *chosen.extra) for row in read_labelled(path)]
        classifier, report, wrong = train(rows, LocalEmbedder(chosen.embedder or _default(chosen.models)))
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _print(report, wrong)
    path = classifier.save(chosen.out)
    stored = report | {"embedder": classifier.embedder}
    (chosen.out / REPORT_FILE).write_text(json.dumps(stored, indent=2, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(f"{path}\n")
    return 0


def _default(models: Path) -> Path:
    from rag.models.defaults import fetch_e5_small

    return fetch_e5_small(models)


if __name__ == "__main__":
    raise SystemExit(main())
