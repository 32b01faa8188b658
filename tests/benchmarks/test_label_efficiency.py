"""The label-efficiency benchmark: fair splits, kept runs, rows and pictures from them."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from active.simulation import Curve
from benchmarks.label_efficiency_data import Pairs, by_question, held_out_topics, in_domain, single_votes
from benchmarks.label_efficiency_plots import learning_curves_svg
from benchmarks.label_efficiency_rows import rows_of_setting
from benchmarks.label_efficiency_runs import SETTINGS, Job, Kept, Runs

TEXTS, TOPICS = 240, 24


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    rng = np.random.default_rng(0)
    topics = np.arange(TEXTS) // (TEXTS // TOPICS)
    found = [(i, j) for i in range(TEXTS) for j in range(i) if topics[i] == topics[j]]
    first, second = np.array(found).T
    columns = rng.normal(size=(TEXTS, 3))
    gold = (columns[first, 0] > columns[second, 0]).astype(float)
    votes = np.where(rng.random((len(gold), 5)) < 0.8, gold[:, None], 1 - gold[:, None])
    votes[::3, 3:] = np.nan
    return Pairs(columns, topics, first, second, gold, votes)


def test_in_domain_pool_and_test_share_texts_but_no_pair(pairs: Pairs) -> None:
    known = in_domain(pairs, 3, "gold").known
    assert known.pool.width == 3 + 5 * TEXTS // TOPICS  # a column for each text of five topics
    both = np.vstack([known.pool.features, known.test_features])
    assert len(np.unique(both, axis=0)) == len(both) == 5 * 45
    assert len(known.test_truth) == int(0.3 * len(both))


@pytest.mark.parametrize("split", [held_out_topics, by_question])
def test_new_topics_and_questions_are_really_new(pairs: Pairs, split: object) -> None:
    known = split(pairs, 3, "gold").known  # type: ignore[operator]
    difference = pairs.columns[pairs.first] - pairs.columns[pairs.second]
    topic_of = {row.tobytes(): topic for row, topic in zip(difference, pairs.of_topic, strict=True)}
    pool = {topic_of[row.tobytes()] for row in known.pool.features}
    test = {topic_of[row.tobytes()] for row in known.test_features}
    assert pool
    assert test
    assert not pool & test
    assert set(known.folds.tolist()) == pool


def test_a_seed_decides_the_split_and_the_oracle_only_the_answers(pairs: Pairs) -> None:
    gold, again, vote = (in_domain(pairs, 5, oracle).known for oracle in ("gold", "gold", "vote"))
    assert np.array_equal(gold.pool.features, again.pool.features)
    assert np.array_equal(gold.test_truth, vote.test_truth)
    assert 0.6 < np.mean(gold.answers == vote.answers) < 0.95


def test_single_votes_come_from_the_votes_there_are(pairs: Pairs) -> None:
    drawn = single_votes(pairs.votes, np.random.default_rng(0))
    assert np.isfinite(drawn).all()
    assert np.mean(drawn == pairs.gold) == pytest.approx(0.8, abs=0.04)


def made_runs(file: Path) -> Runs:
    from benchmarks.label_efficiency_arms import MODAL, OURS

    runs = Runs(file)
    for setting in SETTINGS:
        for arm in (*OURS, *MODAL):
            for seed in range(3):
                labels = tuple(range(20, 921 if arm == "random" else 501, 20))
                speed = 1.0 if arm == "random" else 3.0
                accuracy = tuple(0.9 - 0.2 * np.exp(-speed * np.array(labels) / 200) + 0.001 * seed)
                curve = Curve(labels, accuracy, accuracy, accuracy, (0.1,) * len(labels))
                runs.add(Job(setting, arm, 10, seed), Kept(curve, 0.9 if arm == "random" else None))
    return runs


def test_runs_are_kept_and_a_torn_line_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    runs = made_runs(file)
    with file.open("a") as lines:
        lines.write('\n{"key": "torn')
    again = Runs(file)
    job = Job("in-domain, gold", "dopt", 10, 2)
    assert again[job] == runs[job]
    assert Job("in-domain, gold", "dopt", 10, 3) not in again
    again.add(Job("in-domain, gold", "dopt", 10, 3), runs[job])
    assert Job("in-domain, gold", "dopt", 10, 3) in Runs(file)


def test_rows_tell_what_was_saved_and_what_missed_its_target(tmp_path: Path) -> None:
    runs = made_runs(tmp_path / "runs.jsonl")
    rows = rows_of_setting("in-domain, gold", 10, range(3), runs, Runs(tmp_path / "none.jsonl"))
    claimed = {row.what.split(" at ")[1].split(",")[0]: row for row in rows if row.target}
    assert set(claimed) == {"90 %", "95 %", "99 %", "random@400"}
    assert claimed["random@400"].ours == pytest.approx(2 / 3, abs=0.02)
    assert claimed["random@400"].holds is True
    beside = [row for row in rows if row.peer is not None]
    assert len(beside) == 2
    assert all(row.ratio == pytest.approx(1.0) for row in beside)
    new = rows_of_setting("new topics, gold", 10, range(3), runs, Runs(tmp_path / "none.jsonl"))
    assert [row.holds for row in new if row.target] == [True]


def test_pictures_are_svg_with_a_line_for_every_arm(tmp_path: Path) -> None:
    runs = made_runs(tmp_path / "runs.jsonl")
    curves = {
        arm: [runs[Job("in-domain, gold", arm, 10, seed)].curve for seed in range(3)]
        for arm in ("random", "dopt")
    }
    picture = ElementTree.fromstring(learning_curves_svg("a < b", curves, "labels"))  # noqa: S314 - our own
    kinds = [element.tag.rsplit("}")[-1] for element in picture.iter()]
    assert kinds.count("polyline") == 2
    assert kinds.count("polygon") == 2
    assert "random" in "".join(picture.itertext())
