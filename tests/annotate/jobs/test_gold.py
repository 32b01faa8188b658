"""Gold tasks by corruption: real checks, both languages, both sides, and never among the preferences."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.errands import read_errand, write_result
from annotate.jobs.gold import PREFIX, make_gold
from annotate.jobs.gold_drafts import KIND, keep_drafts, make_drafts
from annotate.jobs.select import select_pairs
from annotate.labelling import Submission, refresh_preferences, register, reserve_pair, submit
from annotate.labelling.controls.corruption import KINDS
from annotate.labelling.controls.gold import Known
from annotate.store import AnswerRecord, ContenderRecord, Pair, Preference, Question, Task
from rag.citations import cited_sentences

PASSAGES = {
    "museum": "The museum opens at 9:30 on weekdays. A ticket costs 1,250 roubles. "
    "Children under 7 enter free.",
    "returns": "Goods may be returned within 14 days of delivery. The shop refunds the money within 10 days.",
    "delivery": "Delivery to Germany takes 5 working days. Express delivery costs 18 euros.",
    "library": "The library lends books for 21 days. A lost card is replaced for 300 roubles.",
    "стоянка": "Стоянка у вокзала бесплатна первые 2 часа. Каждый следующий час стоит 150 рублей.",
    "возврат": "Товар можно вернуть в течение 14 дней со дня доставки. Деньги возвращают за 10 дней.",
    "бассейн": "Бассейн работает с 7:30 до 22:00 ежедневно. Разовое посещение стоит 480 рублей.",
    "паспорт": "Паспорт оформляют за 30 дней. Государственная пошлина составляет 2500 рублей. "
    "The passport is issued in the town hall on the second floor.",
}
DROPPED = {"museum": 3, "returns": 2, "паспорт": 2}  # sentences of the passage that the answer repeats

pytestmark = pytest.mark.models


@pytest.fixture
def answers(context: Context) -> Context:
    """Store for each topic a question and an answer that repeats its passage; another topic's lies by."""
    names = list(PASSAGES)
    with context.store.writing.begin() as session:
        good, refusing = (
            ContenderRecord(name=one, fingerprint=one, settings={}) for one in ("good", "refusing")
        )
        session.add_all([good, refusing])
        session.flush()
        for at, (name, text) in enumerate(PASSAGES.items()):
            language = "en" if name.isascii() else "ru"
            asked = Question(key=name, text=f"{name}?", language=language, topic=name)
            session.add(asked)
            session.flush()
            said = " ".join(
                part.text[:-1] + " [1]." for part in cited_sentences(text)[: DROPPED.get(name, 2)]
            )
            shown = [passage(name), passage(names[(at + 1) % 4 + 4 * (at // 4)])]
            session.add(answer(asked, good, said, shown))
            session.add(answer(asked, refusing, "Nobody knows [1].", shown, refused=True))
    return context


def passage(name: str) -> dict[str, Any]:
    return {"document": name, "title": name, "text": PASSAGES[name]}


def answer(
    asked: Question, by: ContenderRecord, text: str, passages: list[dict[str, Any]], **known: Any
) -> AnswerRecord:
    return AnswerRecord(
        question_id=asked.id, contender_id=by.id, text=text, passages=passages, prompt=[],
        sentences=[{"text": part.text, "cited": list(part.numbers)} for part in cited_sentences(text)],
        model_fingerprint="m", index_fingerprint="i", **known,
    )  # fmt: skip


def test_each_kind_makes_checked_gold_in_both_languages(answers: Context) -> None:
    summary = make_gold(answers, 8)
    assert sum(summary["made"].values()) == 8
    assert summary["looked_at"] == summary["good"] == 8
    assert set(summary["made"]) == set(KINDS)
    assert set(summary["nothing_for"]) <= {"other_language"}
    sides: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    with answers.store.reading() as session:
        for task, pair in session.execute(select(Task, Pair).join(Pair, Pair.id == Task.pair_id)):
            known = Known.of(task)
            [better] = {verdict[0] for verdict in known.verdicts}
            right, wrong = (pair.first, pair.second) if better == "A" else (pair.second, pair.first)
            assert task.pool == "gold"
            assert wrong.contender.name == known.made_by == PREFIX + wrong.circumstances["corruption"]
            assert right.contender.name == "good"
            assert wrong.text != right.text
            assert wrong.sentences
            assert all(1 <= n <= len(wrong.passages) for part in wrong.sentences for n in part["cited"])
            assert known.why
            sides[better] += 1
            languages[task.language] += 1
    assert set(sides) == {"A", "B"}
    assert set(languages) == {"en", "ru"}


def test_an_answer_is_corrupted_once_and_the_same_seed_makes_the_same_gold(answers: Context) -> None:
    assert sum(make_gold(answers, 3)["made"].values()) == 3
    assert sum(make_gold(answers, 100)["made"].values()) == 5
    with pytest.raises(JobError, match="no answers to corrupt"):
        make_gold(answers, 1)


def test_another_language_is_not_made_from_nothing(answers: Context) -> None:
    summary = make_gold(answers, 8, kinds=["other_language"])
    assert summary["made"] == {"other_language": 2}  # only two answers have a passage in the other language
    with answers.store.reading() as session:
        made = select(AnswerRecord.text).where(AnswerRecord.model_fingerprint == "corruption:other_language")
        said = "The passport is issued in the town hall on the second floor"
        assert sorted(session.scalars(made)) == [f"{said} [1].", f"{said} [2]."]


def test_an_unknown_kind_is_refused(answers: Context) -> None:
    with pytest.raises(JobError, match="unknown corruption poisoned"):
        make_gold(answers, 1, kinds=["poisoned"])


def test_gold_is_no_preference_and_is_never_chosen_for_labelling(answers: Context) -> None:
    make_gold(answers, 4)
    anna = register(answers.store, "anna", "person")
    with answers.store.reading() as session:
        pairs = list(session.scalars(select(Task.pair_id)))
    for pair in pairs:
        held = reserve_pair(answers.store, pair, anna.id)
        submit(
            answers.store, held.id, anna.id, Submission(f"k{pair}", "A_better", answers.guideline.id, "test")
        )
    refresh_preferences(answers.store)
    with answers.store.reading() as session:
        assert session.scalars(select(Preference)).all() == []
    with pytest.raises(JobError):
        select_pairs(answers)


def test_drafts_are_stored_only_when_somebody_keeps_them(answers: Context) -> None:
    kinds = ["swapped_number", "dropped_fact"]
    with pytest.raises(JobError, match="no drafts"):
        keep_drafts(answers, ["1-dropped_fact"])
    folder = answers.workspace.folder / "errands" / KIND
    folder.mkdir(parents=True)
    asked = {"values": {}, "by": "Lea", "at": "2026-11-23T08:00:00+00:00"}
    (folder / "asked.json").write_text(json.dumps(asked), "utf-8")
    made = make_drafts(answers, 3, kinds, campaign="default", pool="exam")
    write_result(answers, KIND, made)
    assert len(made["drafts"]) == sum(made["made"].values()) == 3
    with answers.store.reading() as session:
        assert session.scalars(select(Task)).all() == []
    first, second, _ = (draft["name"] for draft in made["drafts"])
    assert keep_drafts(answers, [first, second]) == 2
    with answers.store.reading() as session:
        tasks = session.scalars(select(Task).order_by(Task.id)).all()
        assert [task.pool for task in tasks] == ["exam", "exam"]
        kept = {f"{one['answer_id']}-{one['twin']['kind']}": one["twin"]["text"] for one in made["drafts"]}
        for task, name in zip(tasks, (first, second), strict=True):
            worse = task.pair.second if Known.of(task).verdicts[0].startswith("A") else task.pair.first
            assert worse.text == kept[name]
    assert read_errand(answers, KIND).result["drafts"] == []
    write_result(answers, KIND, made)
    with pytest.raises(JobError, match="meanwhile"):
        keep_drafts(answers, [first])
