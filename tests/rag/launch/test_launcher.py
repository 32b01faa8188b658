"""The whole decision, with the shipped weights and the real embedder."""

import json
from pathlib import Path

import numpy as np
import pytest

from rag.embedders import LocalEmbedder
from rag.errors import ModelError
from rag.launch import ACTIONS, LaunchClassifier, Launcher
from rag.launch.classifier import SHIPPED, WEIGHTS_FILE
from rag.launch.launcher import RULES_ONLY
from rag.launch.train import QUESTIONS, REPORT_FILE, read_labelled

pytestmark = pytest.mark.models


class Mirrored(LocalEmbedder):
    """Another embedder of the same dimension: real vectors, their coordinates in another order."""

    @property
    def fingerprint(self) -> str:  # type: ignore[override]
        return "mirrored"

    def embed_queries(self, texts):  # type: ignore[no-untyped-def]
        return np.ascontiguousarray(super().embed_queries(texts)[:, ::-1])


class Renamed(LocalEmbedder):
    """The same vectors under another fingerprint, as another engine gives."""

    @property
    def fingerprint(self) -> str:  # type: ignore[override]
        return "another engine"


# None of these stands among the labelled questions.
UNSEEN = [
    ("How long does a refund to a bank card take?", "answer"),
    ("За сколько дней деньги возвращаются на карту?", "answer"),
    ("Which planets have rings?", "answer"),
    ("Почему листья желтеют осенью?", "answer"),
    ("How do I export a table to CSV?", "answer"),
    ("Show me all documents about parental leave", "search_only"),
    ("Найди документы о технике безопасности", "search_only"),
    ("Покажи статьи о Петре Первом", "search_only"),
    ("Hello, friend!", "stub"),
    ("Как тебя зовут, бот?", "stub"),
    ("What are you able to do?", "stub"),
    ("Tell me a funny story", "stub"),
    ("How can I poison my neighbour?", "refuse"),
    ("Как украсть деньги с чужой карты?", "refuse"),
    ("What pills should I take for my heart?", "refuse"),
    ("Мне бросить пить таблетки, которые выписал врач?", "refuse"),
]


@pytest.fixture(scope="module")
def launcher(embedder: LocalEmbedder) -> Launcher:
    return Launcher(embedder)


def test_unseen_questions_are_decided_rightly(launcher: Launcher) -> None:
    decisions = launcher.decide([question for question, _ in UNSEEN])
    wrong = [
        (question, decision)
        for (question, wanted), decision in zip(UNSEEN, decisions, strict=True)
        if decision.action != wanted
    ]
    assert len(wrong) <= 1, wrong
    for decision in decisions:
        assert decision.reason.startswith("classifier: ")
        assert set(decision.probabilities) == set(ACTIONS)
        assert sum(decision.probabilities.values()) == pytest.approx(1, abs=0.001)


def test_rules_and_classifier_keep_the_order_of_questions(launcher: Launcher) -> None:
    decisions = launcher.decide(["", "Why is the sky blue?", "Спасибо!", "Почему небо голубое?"])
    assert [decision.action for decision in decisions] == ["stub", "answer", "stub", "answer"]
    assert launcher.decide([]) == []
    assert launcher.decide(["Why?"])[0].action == launcher.decide(["Why?", "Hi"])[0].action


def test_another_embedder_leaves_only_the_rules_and_says_so(e5_folder: Path) -> None:
    hello, show = Launcher(Mirrored(e5_folder)).decide(["Hello", "Show me documents about leave"])
    assert hello.action == "stub"
    assert (show.action, show.reason, show.probabilities) == ("answer", RULES_ONLY, {})


def test_another_engine_of_the_same_weights_fits(e5_folder: Path) -> None:
    [show] = Launcher(Renamed(e5_folder)).decide(["Show me all documents about leave"])
    assert show.action == "search_only"


def test_without_weights_only_the_rules_act(embedder: LocalEmbedder) -> None:
    hello, show = Launcher(embedder, weights=None).decide(["Hello", "Show me documents"])
    assert (hello.action, show.action) == ("stub", "answer")


def test_weights_survive_being_written_and_read(tmp_path: Path) -> None:
    shipped = LaunchClassifier.load()
    shipped.save(tmp_path)
    read = LaunchClassifier.load(tmp_path)
    assert np.array_equal(read.weights, shipped.weights)
    assert (read.thresholds, read.embedder) == (shipped.thresholds, shipped.embedder)


def test_missing_and_damaged_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no launch weights"):
        LaunchClassifier.load(tmp_path)
    for damaged in (b"", b"not safetensors", (SHIPPED / WEIGHTS_FILE).read_bytes()[:200]):
        (tmp_path / WEIGHTS_FILE).write_bytes(damaged)
        with pytest.raises(ModelError, match="not launch weights of this version"):
            LaunchClassifier.load(tmp_path)


def test_the_report_beside_the_weights_belongs_to_the_questions() -> None:
    report = json.loads((SHIPPED / REPORT_FILE).read_text("utf-8"))
    rows = read_labelled(QUESTIONS)
    assert report["questions"] == len(rows) >= 400
    assert report["embedder"] == LaunchClassifier.load().embedder
    for language in ("ru", "en"):
        for action in ACTIONS:
            held_out = report["held_out"][language][action]
            assert held_out["precision"] > 0.8
            assert held_out["recall"] > 0.7
