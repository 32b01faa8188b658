"""A real workspace with questions, answers, tasks, judgements, clusters, a run and models."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from annotate.access.accounts import create_account, list_accounts
from annotate.access.sessions import COOKIE, open_session
from annotate.labelling import (
    ChosenPair,
    Submission,
    adopt_guidelines,
    create_tasks,
    refresh_preferences,
    register,
    reserve,
    submit,
)
from annotate.labelling.verdicts import swap_verdict
from annotate.settings import Workspace
from annotate.store import (
    AnswerRecord,
    Cluster,
    ClusterMember,
    ContenderRecord,
    ModelVersion,
    Pair,
    Promotion,
    Question,
    Run,
    Store,
    now,
    open_store,
)
from annotate.ui.frame import open_context
from annotate.ui.server import server_command

ROOT = Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_SECONDS = 60
COLLECTS = "runner.postScriptGC"
PASSWORD = "tide-lantern-42-orchard"
ASSERT = {
    "title": "The assert statement",
    "document": "pydoc:assert",
    "text": "In the current implementation, the built-in variable `__debug__` is `True` under normal "
    "circumstances, `False` when optimization is requested (command line option -O). The current code "
    "generator emits no code for an assert statement when optimization is requested at compile time.",
}
RAISE = {
    "title": "The raise statement",
    "document": "pydoc:raise",
    "text": "If there isn't currently an active exception, a RuntimeError exception is raised. Otherwise, "
    "raise evaluates the first expression as the exception object.",
}
SLOTS = {
    "title": "__slots__",
    "document": "pydoc:attribute-access",
    "text": "Without a `__dict__` variable, instances cannot be assigned new variables not listed in the "
    "`__slots__` definition. Attempts to assign to an unlisted variable name raises AttributeError. The "
    "space saved over using `__dict__` can be significant.",
}
AUGMENTED = {
    "title": "Augmented assignment statements",
    "document": "pydoc:augassign",
    "text": "An augmented assignment expression like x += 1 can be rewritten as x = x + 1 to achieve a "
    "similar, but not exactly equal effect. When possible, the actual operation is performed in-place.",
}
RENT = {
    "title": "Залог при найме жилья",
    "document": "Памятка нанимателю",
    "text": "Залог возвращается в течение 14 дней после передачи ключей. Наймодатель вправе удержать из него "
    "стоимость ремонта повреждений, кроме естественного износа, и обязан приложить расчёт.",
}
RETURN = {
    "title": "Возврат товара",
    "document": "Закон о защите прав потребителей",
    "text": "Потребитель вправе обменять непродовольственный товар надлежащего качества в течение 14 дней, "
    "не считая дня покупки, если товар не был в употреблении и сохранён его товарный вид.",
}
LOST = {
    "title": "Утрата посылки",
    "document": "Правила почтовой связи",
    "text": "Претензию о розыске посылки подают в любом отделении в течение шести месяцев со дня отправки. "
    "При себе имейте паспорт и чек.",
}
PASSAGES = (ASSERT, RAISE, SLOTS, AUGMENTED, RENT, RETURN, LOST)
# language, topic, question, first answer with its passages, second answer with its passages
PAIRS = (
    (
        "en", "assertions",
        "Why do the sanity checks I wrote with assert silently vanish when the script is started with "
        "python -O?",
        "Because -O asks for optimisation, and then Python compiles no code at all for `assert` [1]. The "
        "built-in `__debug__`, normally `True`, becomes `False` [1].\n\nSo keep `assert` for debugging, and "
        "check what must always hold with an explicit test:\n\n```python\nif total < 0:\n    raise "
        "ValueError(\"negative total\")\n```",
        (ASSERT, RAISE),
        "Assertions are a debugging aid [2]. With -O the interpreter skips some statements to run faster, "
        "and assertions are among them [1]. The checks still run when `PYTHONOPTIMIZE` is set to 0 [4].",
        (ASSERT, RAISE),
    ),
    (
        "en", "attribute access",
        "What do I gain by declaring __slots__, and what happens if I assign an unlisted attribute?",
        "You save memory, because instances have no `__dict__` [1]. Assigning an unlisted name raises "
        "`AttributeError` [1].",
        (SLOTS,),
        "Slots make attribute access safer [2]. An unlisted attribute is stored in `__dict__` as usual.",
        (AUGMENTED, SLOTS),
    ),
    (
        "en", "assignment",
        "Is a += b only shorthand for a = a + b, or can the two behave differently for a list?",
        "They can differ: += works in place where possible [1], so other names for the list see the change.",
        (AUGMENTED,),
        "It is only shorthand.",
        (AUGMENTED,),
    ),
    (
        "ru", "аренда",
        "За какой срок хозяин квартиры должен вернуть залог и может ли он оставить часть себе?",
        "Залог возвращают в течение 14 дней после передачи ключей [1]. Оставить можно только стоимость "
        "ремонта повреждений, с расчётом; обычный износ не в счёт [1].",
        (RENT,),
        "Обычно залог возвращают сразу. Хозяин может оставить себе любую часть залога [1].",
        (RENT,),
    ),
    (
        "ru", "покупки",
        "Могу ли я обменять куртку, если просто не подошёл размер?",
        "Да, в течение 14 дней, если её не носили [1].",
        (RETURN,),
        "Да. Срок — 14 дней, день покупки не считается, товарный вид должен сохраниться [1].",
        (RETURN,),
    ),
    (
        "ru", "почта",
        "Посылка не пришла за два месяца. Куда обращаться и что взять с собой?",
        "Подайте претензию о розыске в любом отделении, с паспортом и чеком [1].",
        (LOST,),
        "К сожалению, в источниках об этом ничего нет.",
        (LOST,),
    ),
)  # fmt: skip
MACHINES = {
    "judge-smollm2": ("A_better", "A_better", "A_much_better", "A_better", "tie", "A_much_better"),
    "heuristic": ("A_much_better", "A_better", "A_better", "A_much_better", "B_better", "A_much_better"),
}


@dataclass(frozen=True)
class Seeded:
    """Hold a workspace's folder and its database."""

    folder: Path
    store: Store


def open_workspace(folder: Path) -> Seeded:
    (folder / "pairloop.toml").touch()
    return Seeded(folder, open_store(Workspace.open(folder).database_url))


def add_pairs(store: Store, pairs: tuple[tuple, ...] = PAIRS) -> list[int]:
    with store.writing.begin() as session:
        contenders = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in ("one", "two")]
        session.add_all(contenders)
        session.flush()
        made = []
        for number, (language, topic, text, *written) in enumerate(pairs):
            question = Question(key=f"q{number}", text=text, language=language, topic=topic)
            session.add(question)
            session.flush()
            answers = [
                AnswerRecord(
                    question_id=question.id,
                    contender_id=contender.id,
                    text=answer,
                    sentences=[{"text": answer, "cited": [1]}],
                    passages=list(passages),
                    prompt=[],
                    model_fingerprint="m",
                    index_fingerprint="i",
                    refused="ничего нет" in answer,
                )
                for contender, answer, passages in zip(contenders, written[::2], written[1::2], strict=True)
            ]
            session.add_all(answers)
            session.flush()
            made.append(Pair(question=question, first=answers[0], second=answers[1]))
        session.add_all(made)
        session.flush()
        return [pair.id for pair in made]


def add_machines(store: Store) -> None:
    guideline = adopt_guidelines(store, Path(__file__).parents[3] / "instructions")
    for name, verdicts in MACHINES.items():
        machine = register(store, name, "machine", fingerprint=name)
        for view in reserve(store, machine.id, count=len(verdicts)):
            verdict = verdicts[view.pair.pair_id - 1]
            if view.pair.a.text != PAIRS[view.pair.pair_id - 1][3]:
                verdict = swap_verdict(verdict)
            submit(
                store, view.id, machine.id,
                Submission(f"{name}-{view.id}", verdict, guideline.id, "machine", confidence=0.8),
            )  # fmt: skip
    refresh_preferences(store)


def add_clusters(store: Store) -> None:
    gaps = (
        ("python language", ["assert", "slots", "list"],
         [("labels", 0.64, "label more", 14), ("quality", 0.18, "new contender", 0)]),
        ("права потребителя", ["залог", "обмен", "посылка"],
         [("sources", 0.71, "write documents", 0), ("labels", 0.33, "label more", 6)]),
    )  # fmt: skip
    with store.writing.begin() as session:
        for number, (name, keywords, found) in enumerate(gaps):
            cluster = Cluster(
                number=number,
                name=name,
                keywords=keywords,
                gaps=[
                    {"kind": kind, "severity": severity, "action": action, "labels_needed": needed}
                    for kind, severity, action, needed in found
                ],
                figures={"labels": 3, "retrieval_support": 0.83 - number / 2, "quality": 0.61},
            )
            session.add(cluster)
            session.flush()
            members = range(3 * number + 1, 3 * number + 4)
            session.add_all(ClusterMember(question_id=each, cluster_id=cluster.id) for each in members)
        session.add(Cluster(number=-1, name="outliers", keywords=[], gaps=[], figures={}))


def add_runs(store: Store, folder: Path) -> None:
    run_folder = folder / "runs" / "1"
    run_folder.mkdir(parents=True)
    losses = 0.42 * np.exp(-np.arange(48) / 14) + 0.27 + np.random.default_rng(0).normal(0, 0.012, 48)
    lines = [{"event": "stage", "stage": "started"}]
    lines += [
        {"event": "step", "step": step, "total": 48, "loss": round(float(loss), 4)}
        for step, loss in enumerate(losses, start=1)
    ]
    (run_folder / "progress.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    metrics = {
        "win_rate": {"value": 0.662, "low": 0.561, "high": 0.757, "n": 74},
        "pair_accuracy": {"value": 0.71, "low": 0.6, "high": 0.8, "n": 74},
    }
    with store.writing.begin() as session:
        finished = Run(
            kind="dpo", state="finished", recipe={}, folder=str(run_folder), snapshot="4be1c0ffee12",
            result={"metrics": metrics}, finished_at=now(),
        )  # fmt: skip
        failed = Run(
            kind="reward", state="failed", recipe={}, folder=str(folder / "runs" / "2"),
            error="step 9: loss nan; lower the learning rate",
        )  # fmt: skip
        for run in (failed, finished):
            session.add(run)
            session.flush()
        policies = (("5c1a90e77d21", None, {}), ("a7d2e4410b9c", finished.id, metrics))
        models = [
            ModelVersion(role="policy", path=name, fingerprint=name, run_id=run, metrics=figures)
            for name, run, figures in policies
        ]
        session.add_all(models)
        session.flush()
        figures = "0.662, 95 % interval [0.561, 0.757], 74 pairs"
        reasons = (
            (models[0], False, "not better, not promoted: 6 pairs, at least 10 are needed"),
            (models[1], True, f"better, promoted: {figures}, lower bound above 0.5"),
        )
        session.add_all(Promotion(model=m, promoted=done, reason=reason) for m, done, reason in reasons)


def seed(folder: Path) -> Seeded:
    """Fill a workspace with everything the screens show."""
    seeded = open_workspace(folder)
    pairs = add_pairs(seeded.store)
    chosen = [ChosenPair(pair, priority=float(-at)) for at, pair in enumerate(pairs)]
    create_tasks(seeded.store, chosen, overlap=2)
    add_machines(seeded.store)
    add_clusters(seeded.store)
    add_runs(seeded.store, folder)
    return seeded


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty workspace to be copied: making its tables takes longer than a test."""
    made = open_workspace(tmp_path_factory.mktemp("blank"))
    made.store.engine.dispose()
    return made.folder


@pytest.fixture
def empty_workspace(blank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seeded]:
    monkeypatch.setenv("PAIRLOOP_WORKSPACE", str(tmp_path))
    shutil.copytree(blank, tmp_path, dirs_exist_ok=True)
    opened = open_workspace(tmp_path)
    yield opened
    open_context.cache_clear()
    opened.store.engine.dispose()


@pytest.fixture
def workspace(empty_workspace: Seeded) -> Seeded:
    return seed(empty_workspace.folder)


def token_of(store: Store, role: str = "admin", name: str = "") -> str:
    """Return the token of a real session of a real account with this role, made where there is none."""
    name = name or role
    account = next((one for one in list_accounts(store) if one.name == name), None)
    account = account or create_account(store, name, role, language="en")
    return open_session(store, account.id, "tests")


SignedIn = Callable[..., AppTest]


@pytest.fixture(scope="session")
def token_for() -> Callable[..., str]:
    """Open a real session: `token_for(store, "lead")` returns its token."""
    return token_of


@pytest.fixture(scope="session", autouse=True)
def _app_tests_cost_what_their_screens_do() -> Iterator[None]:
    """Spare each AppTest its search of all packages for components, and each run a collection of all garbage.

    Each takes half a second among the modules that a worker has loaded.
    """
    scan, collects = manifest_scanner.scan_component_manifests, config.get_option(COLLECTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        config.set_option(COLLECTS, False)
        yield
        config.set_option(COLLECTS, collects)


@pytest.fixture(autouse=True)
def _cookies_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the cookies of an AppTest to the script as a browser does: `at.user["cookies"]`."""

    def client_context() -> Any:
        context = get_script_run_ctx()
        cookies = context.user_info.get("cookies", {}) if context is not None else {}
        return SimpleNamespace(cookies=cookies, headers=[], remote_ip="127.0.0.1")

    monkeypatch.setattr("streamlit.runtime.context._get_client_context", client_context)


@pytest.fixture
def signed_in(empty_workspace: Seeded) -> SignedIn:
    """Sign an AppTest in with a real session: `signed_in(at, "lead")`, `signed_in(at, name="Vera")`."""

    def sign(at: AppTest, role: str = "admin", name: str = "") -> AppTest:
        at.user = {"cookies": {COOKIE: token_of(empty_workspace.store, role, name)}}
        return at

    return sign


@dataclass(frozen=True)
class Server:
    """Hold a running server: where it listens, and the workspace it serves."""

    address: str
    folder: Path
    store: Store
    process: subprocess.Popen


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def running(folder: Path, store: Store, port: int = 0, **environment: str) -> Iterator[Server]:
    """Serve a workspace under real uvicorn until the block ends."""
    port = port or free_port()
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    settings = {**os.environ, "PYTHONPATH": path, "PAIRLOOP_WORKSPACE": str(folder), **environment}
    with subprocess.Popen(server_command(port, "127.0.0.1"), env=settings) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", process)
            yield Server(f"http://127.0.0.1:{port}", folder, store, process)
        finally:
            process.terminate()


def _wait_for(url: str, server: subprocess.Popen) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail("the server did not start")


@pytest.fixture(scope="module")
def unused_port() -> int:
    """A port that nothing listens on."""
    return free_port()


@pytest.fixture(scope="session")
def serving() -> Callable[..., AbstractContextManager[Server]]:
    """Serve any workspace: `with serving(folder, store) as server:`."""
    return running


@pytest.fixture(scope="module")
def module_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """A seeded workspace that the tests of one file share."""
    seeded = seed(tmp_path_factory.mktemp("workspace"))
    yield seeded
    seeded.store.engine.dispose()


@pytest.fixture(scope="module")
def server(module_workspace: Seeded) -> Iterator[Server]:
    """A running server on the workspace that the tests of one file share."""
    with running(module_workspace.folder, module_workspace.store) as started:
        yield started


@pytest.fixture(scope="session")
def quiet_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that tests of several files only ask for pages: each start takes seconds."""
    opened = open_workspace(tmp_path_factory.mktemp("quiet"))
    with running(opened.folder, opened.store) as started:
        yield started
    opened.store.engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium, for one file: Playwright's event loop would be in the way of others' loops."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def open_signed_in(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page in a fresh browser profile that is signed in.

    `page = open_signed_in(server, "lead", "/quality", locale="ru-RU", width=390, name="Vera")`;
    role `""` opens it signed out.
    """
    contexts = []

    def open_page(
        server: Server, role: str = "admin", path: str = "/", *, name: str = "", width: int = 1280,
        height: int = 900, **options: Any,
    ) -> Any:  # fmt: skip
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        if role:
            token = token_of(server.store, role, name)
            context.add_cookies([{"name": COOKIE, "value": token, "url": server.address}])
        page = context.new_page()
        page.set_default_timeout(WAIT_SECONDS * 1000)
        page.goto(server.address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
