"""Fill a workspace with months of work: people, machines, an audit, gold tasks, signals, clusters."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from annotate.labelling import adopt_guidelines, refresh_preferences
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.verdicts import ASPECTS, VERDICTS
from annotate.store import (
    AnswerRecord,
    Assessor,
    Assignment,
    Campaign,
    Cluster,
    ClusterMember,
    ContenderRecord,
    Judgement,
    Pair,
    Question,
    Signal,
    Store,
    Task,
    now,
)

TOPICS = (
    ("en", "assert statements", "Why does the assert on line {} vanish when Python runs optimised?"),
    ("en", "slots and memory", "How much memory does declaring slots save for {} instances?"),
    ("ru", "возврат залога", "Через сколько дней хозяин квартиры {} должен вернуть залог?"),
    ("ru", "обмен товара", "Можно ли обменять куртку номер {}, если не подошёл размер?"),
)
PEOPLE = {"anna": 0.95, "boris": 0.85, "вера": 0.9, "gleb": 0.35}
MACHINES = {"judge-smollm2": 0.7, "heuristic": 0.6}
TASKS, GOLD, WEEKS = 96, 8, 9


def fill(store: Store, guidelines: object, tasks: int = TASKS) -> None:
    """Fill an empty store; gleb hurries and always takes the left answer."""
    rng = np.random.default_rng(7)
    pairs = _pairs(store, tasks + GOLD)
    gold = [add_control(store, pair, Known(("A_better",), "B invents a date")) for pair in pairs[tasks:]]
    guideline = adopt_guidelines(store, guidelines)
    with store.writing.begin() as session:
        campaign = session.query(Campaign).one()
        people = [Assessor(name=name, kind="person", languages=["en", "ru"]) for name in PEOPLE]
        machines = [Assessor(name=name, kind="machine", fingerprint=name) for name in MACHINES]
        session.add_all([*people, *machines])
        session.flush()
        start = now() - timedelta(weeks=WEEKS)
        for at, pair in enumerate(pairs[:tasks]):
            truth = VERDICTS[rng.choice(6, p=[0.15, 0.3, 0.15, 0.25, 0.1, 0.05])]
            cluster = at % len(TOPICS)
            task = Task(
                campaign_id=campaign.id, pair_id=pair, overlap=2, max_overlap=2, language=TOPICS[cluster][0],
                cluster=cluster, audit=at % 2 == 0, people_places=2, machine_places=2,
                open_to_people=False, open_to_machines=False,
            )  # fmt: skip
            session.add(task)
            session.flush()
            moment = start + timedelta(weeks=WEEKS * at / tasks)
            for one in [*rng.choice(people, 2, replace=False), *machines]:
                _judge(session, rng, one, task.id, truth, moment, guideline.id)
        for number in gold:
            for one in people:
                _judge(session, rng, one, number, "A_better", now(), guideline.id)
        session.add_all(
            [
                Signal(
                    assessor_id=people[3].id, kind="too_fast", strength=8.4,
                    evidence={"rushed": 61, "of": 70, "median_seconds": 2.4, "median_words": 96},
                ),
                Signal(
                    assessor_id=people[3].id, kind="one_sided", strength=6.1,
                    evidence={"side": "left", "count": 64, "of": 70, "chance": 1e-7},
                ),
            ]
        )  # fmt: skip
    _clusters(store, rng)
    refresh_preferences(store)


def _pairs(store: Store, count: int) -> list[int]:
    with store.writing.begin() as session:
        contenders = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in ("one", "two")]
        session.add_all(contenders)
        session.flush()
        made = []
        for at in range(count):
            language, _, text = TOPICS[at % len(TOPICS)]
            supported = at % len(TOPICS) != 3
            question = Question(
                key=f"busy-{at}", text=text.format(at), language=language, documents=["right"],
                retrieval={"documents": ["right"] if supported else ["other"], "refused": not supported},
            )  # fmt: skip
            session.add(question)
            session.flush()
            answers = [
                AnswerRecord(
                    question_id=question.id, contender_id=contender.id, text=f"{contender.name} says {at}",
                    sentences=[], passages=[], prompt=[], model_fingerprint="m", index_fingerprint="i",
                )
                for contender in contenders
            ]  # fmt: skip
            session.add_all(answers)
            session.flush()
            made.append(Pair(question_id=question.id, first_id=answers[0].id, second_id=answers[1].id))
        session.add_all(made)
        session.flush()
        return [pair.id for pair in made]


def _judge(session, rng, one: Assessor, task: int, truth: str, moment, guideline: int) -> None:
    skill = (PEOPLE | MACHINES)[one.name]
    swapped = bool(rng.random() < 0.5)
    sure = float(np.clip(rng.normal(skill, 0.15), 0.34, 0.99))
    right = rng.random() < (sure if one.kind == "machine" else skill)
    verdict = truth if right else VERDICTS[rng.integers(6)]
    seconds = float(rng.lognormal(3.4, 0.5))
    if one.name == "gleb":
        verdict, seconds = ("B_better" if swapped else "A_better"), float(rng.lognormal(0.9, 0.3))
    lease = Assignment(
        task_id=task, assessor_id=one.id, state="submitted", swapped=swapped, reserved_at=moment,
        expires_at=moment + timedelta(minutes=30),
    )  # fmt: skip
    session.add(lease)
    session.flush()
    side = "A" if verdict.startswith("A") else "B" if verdict.startswith("B") else "tie"
    session.add(
        Judgement(
            assignment_id=lease.id, client_key=f"busy-{lease.id}", verdict=verdict, guideline_id=guideline,
            channel="screen" if one.kind == "person" else "machine",
            confidence=sure if one.kind == "machine" else None,
            aspects={ASPECTS[0]: side, ASPECTS[2]: side} if one.kind == "person" else {},
            seconds=seconds * 1.2, active_seconds=seconds if one.kind == "person" else 0.0, created_at=moment,
        )
    )  # fmt: skip


def _clusters(store: Store, rng: np.random.Generator) -> None:
    lacks = (
        [("labels", "label more", 0.42, 0.1, 24)],
        [],
        [("quality", "new contender", 0.2, 0.05, 0), ("labels", "label more", 0.3, 0.07, 12)],
        [("sources", "write documents", 0.86, 0.21, 0)],
    )
    with store.writing.begin() as session:
        questions = (
            session.query(Question).filter(Question.key.startswith("busy-")).order_by(Question.id).all()
        )
        for number, (_, name, _) in enumerate(TOPICS):
            own = [one for at, one in enumerate(questions) if at % len(TOPICS) == number]
            sourceless = number == 3
            shares = {
                "retrieval_support": 0.02 if sourceless else 0.95, "refusal_rate": 0.9 if sourceless else 0.0,
                "disagreement": 0.2 + number / 20, "quality": 0.8, "judge_gap": 0.3,
            }  # fmt: skip
            cluster = Cluster(
                number=number,
                name=name,
                keywords=name.split(),
                figures={
                    "labels": 24, "asked": number, **shares, "examples": [one.id for one in own[:3]],
                    "intervals": {key: [max(0, v - 0.1), min(1, v + 0.1), 26] for key, v in shares.items()},
                },
                gaps=[
                    {
                        "kind": kind, "action": action, "severity": severity, "impact": impact,
                        "measured": 0.5, "interval": {"low": 0.4, "high": 0.6}, "labels_needed": labels,
                    }
                    for kind, action, severity, impact, labels in lacks[number]
                ],
            )  # fmt: skip
            session.add(cluster)
            session.flush()
            middle = np.array([0.25 + 0.5 * (number % 2), 0.25 + 0.5 * (number // 2)])
            for one in own:
                x, y = middle + rng.normal(0, 0.06, 2)
                session.add(ClusterMember(question_id=one.id, cluster_id=cluster.id, x=x, y=y))
