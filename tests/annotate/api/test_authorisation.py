"""Who may do what: role × endpoint, role × screen, role × action, each from a table written by hand.

The tests walk the real routes, screens and actions: what has no line here fails.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

import annotate.actions
from annotate.access.permissions import ROLES, Actor, Permission
from annotate.api.app import make_api
from annotate.api.identity import Demand
from annotate.api.limits import Limits
from annotate.errors import AccessError
from annotate.jobs.context import Context

P = Permission
EVERYBODY = {"assessor", "lead", "engineer", "admin"}
WHO = {
    P.LABEL: EVERYBODY,
    P.ASK: EVERYBODY,
    P.READ_QUALITY: {"lead", "engineer", "admin"},
    P.READ_PAIRS: {"lead", "engineer", "admin"},
    P.REVIEW: {"lead", "admin"},
    P.MANAGE_CAMPAIGNS: {"lead", "admin"},
    P.EXPORT: {"lead", "engineer", "admin"},
    P.READ_RUNS: {"lead", "engineer", "admin"},
    P.TRAIN: {"engineer", "admin"},
    P.PROMOTE: {"engineer", "admin"},
    P.MANAGE_USERS: {"admin"},
    P.READ_AUDIT: {"admin"},
    P.MANAGE_HOOKS: {"engineer", "admin"},
}
OPEN = None  # answers everybody, or proves by other means who asks
ENDPOINTS: dict[str, Permission | None] = {
    "GET /openapi.json": OPEN,
    "POST /hooks/label-studio/webhook": OPEN,  # a secret header
    "POST /ask": P.ASK,
    "GET /answers/{asked}": P.ASK,
    "GET /answers/{asked}/feedback": P.ASK,
    "POST /answers/{asked}/feedback": P.ASK,
    "POST /tasks/reserve": P.LABEL,
    "POST /tasks/{loan}/judgement": P.LABEL,
    "PUT /tasks/{loan}/judgement": P.LABEL,
    "DELETE /tasks/{loan}/judgement": P.LABEL,
    "POST /tasks/{loan}/skip": P.LABEL,
    "POST /tasks/{loan}/flag": P.LABEL,
    "POST /tasks/{loan}/release": P.LABEL,
    "POST /tasks/{loan}/renew": P.LABEL,
    "GET /pairs": P.READ_PAIRS,
    "GET /pairs/{pair}": P.READ_PAIRS,
    "GET /pairs/{pair}/lineage": P.READ_PAIRS,
    "GET /judgements": P.READ_PAIRS,
    "GET /preferences": P.READ_PAIRS,
    "GET /preferences/{pair}": P.READ_PAIRS,
    "POST /exports": P.EXPORT,
    "GET /runs": P.READ_RUNS,
    "POST /runs": P.TRAIN,
    "GET /runs/{run}": P.READ_RUNS,
    "GET /runs/{run}/progress": P.READ_RUNS,
    "GET /runs/{run}/report": P.READ_RUNS,
    "POST /runs/{run}/cancel": P.TRAIN,
    "POST /runs/{run}/resume": P.TRAIN,
    "GET /triggers": P.READ_RUNS,
    "PUT /triggers/{name}": P.TRAIN,
    "POST /triggers/{name}/start": P.TRAIN,
    "DELETE /triggers/{name}": P.TRAIN,
    "GET /models": P.READ_RUNS,
    "GET /models/champions/{role}": P.READ_RUNS,
    "GET /models/{fingerprint}": P.READ_RUNS,
    "POST /models/rollback": P.PROMOTE,
    "POST /models/{fingerprint}/promote": P.PROMOTE,
    "GET /reports/progress": P.READ_QUALITY,
    "GET /reports/quality": P.READ_QUALITY,
    "GET /reports/coverage": P.READ_QUALITY,
    "GET /reports/gaps": P.READ_QUALITY,
    "GET /reports/forecast": P.READ_QUALITY,
    "GET /reports/questions": P.READ_QUALITY,
    "GET /webhooks": P.MANAGE_HOOKS,
    "POST /webhooks": P.MANAGE_HOOKS,
    "GET /webhooks/{webhook}": P.MANAGE_HOOKS,
    "PATCH /webhooks/{webhook}": P.MANAGE_HOOKS,
    "DELETE /webhooks/{webhook}": P.MANAGE_HOOKS,
    "GET /webhooks/{webhook}/key": P.MANAGE_HOOKS,
    "POST /webhooks/{webhook}/ping": P.MANAGE_HOOKS,
    "GET /webhooks/{webhook}/deliveries": P.MANAGE_HOOKS,
    "POST /webhooks/{webhook}/deliveries/{delivery}/retry": P.MANAGE_HOOKS,
    **{
        f"POST /desk/{verb}": P.LABEL
        for verb in ("take", "judge", "skip", "flag", "undo", "release", "renew")
    },
    "GET /desk/guideline": P.LABEL,
    "GET /sittings": P.LABEL,
    "GET /sittings/{number}": P.LABEL,
    **{
        f"POST /sittings/{{number}}/{verb}": P.LABEL
        for verb in ("take", "judge", "skip", "flag", "undo", "release", "renew")
    },
    "GET /sittings/{number}/guideline": P.LABEL,
}
OWN = "one's own account"  # demands an account, and takes no other's number
ACTIONS: dict[str, Permission | str | None] = {
    "account.change_own_password": OWN,
    "account.end_other_sessions": OWN,
    "account.end_own_session": OWN,
    "account.issue_own_token": OWN,
    "account.revoke_own_token": OWN,
    "account.set_own_language": OWN,
    "asking.ask": P.ASK,
    "campaigns.change_rules": P.MANAGE_CAMPAIGNS,
    "campaigns.open_campaign": P.MANAGE_CAMPAIGNS,
    "campaigns.turn_campaign": P.MANAGE_CAMPAIGNS,
    "desk.give_back": P.LABEL,
    "desk.judge": P.LABEL,
    "desk.keep": P.LABEL,
    "desk.mark": P.LABEL,
    "desk.pass_on": P.LABEL,
    "desk.read_guideline": P.LABEL,
    "desk.seat_of": P.LABEL,
    "desk.take": P.LABEL,
    "desk.take_back": P.LABEL,
    "documents.check_indexes": P.TRAIN,
    "documents.put_back": P.TRAIN,
    "documents.rebuild_indexes": P.TRAIN,
    "exports.write_export": P.EXPORT,
    "feedback.give": P.ASK,
    "gaps.look_at_texts": P.TRAIN,
    "gaps.look_for_gaps": P.TRAIN,
    "gaps.make_quota": P.MANAGE_CAMPAIGNS,
    "gaps.request_documents": P.MANAGE_CAMPAIGNS,
    "gaps.settle_request": P.TRAIN,
    "gold.add_gold": P.MANAGE_CAMPAIGNS,
    "gold.correct_gold": P.MANAGE_CAMPAIGNS,
    "gold.discard_gold": P.MANAGE_CAMPAIGNS,
    "gold.draft_gold": P.MANAGE_CAMPAIGNS,
    "gold.keep_gold": P.MANAGE_CAMPAIGNS,
    "guidelines.adopt": P.MANAGE_CAMPAIGNS,
    "guidelines.pin": P.MANAGE_CAMPAIGNS,
    "evaluating.evaluate_model": P.PROMOTE,
    "models.promote": P.PROMOTE,
    "models.rollback": P.PROMOTE,
    "playground.make_pair": P.MANAGE_CAMPAIGNS,
    "reviews.ask_for_review": P.REVIEW,
    "reviews.decide_review": P.REVIEW,
    "reviews.discuss": P.REVIEW,
    "reviews.look_for_reviews": P.REVIEW,
    "reviews.reopen_review": P.REVIEW,
    "routing.follow_route": P.MANAGE_CAMPAIGNS,
    "routing.plan_route": P.MANAGE_CAMPAIGNS,
    "runs.cancel_run": P.TRAIN,
    "runs.resume_run": P.TRAIN,
    "runs.start_run": P.TRAIN,
    "selection.choose_pairs": P.TRAIN,
    "signals.let_work_again": P.REVIEW,
    "signals.measure_again": P.READ_QUALITY,
    "signals.settle_signal": P.REVIEW,
    "sittings.answer": P.LABEL,
    "sittings.confirm_reading": P.LABEL,
    "sittings.flag_pair": P.LABEL,
    "sittings.labels_as": OWN,
    "sittings.own_sitting": P.LABEL,
    "sittings.own_sittings": P.LABEL,
    "sittings.start": P.LABEL,
    "sittings.take_pairs": P.LABEL,
    "standing.standing": P.LABEL,
    "tasks.amend": P.LABEL,
    "tasks.flag": P.LABEL,
    "tasks.labels_as": OWN,
    "tasks.release": P.LABEL,
    "tasks.renew": P.LABEL,
    "tasks.reserve": P.LABEL,
    "tasks.skip": P.LABEL,
    "tasks.submit": P.LABEL,
    "tasks.undo": P.LABEL,
    "triggers.fire_trigger": P.TRAIN,
    "triggers.save_trigger": P.TRAIN,
    "triggers.switch_trigger": P.TRAIN,
    "users.add_user": P.MANAGE_USERS,
    "users.change_role": P.MANAGE_USERS,
    "users.end_session": P.MANAGE_USERS,
    "users.end_sessions": P.MANAGE_USERS,
    "users.invite": P.MANAGE_USERS,
    "users.issue_token_for": P.MANAGE_USERS,
    "users.reset_password": P.MANAGE_USERS,
    "users.revoke_token": P.MANAGE_USERS,
    "users.set_enabled": P.MANAGE_USERS,
    "users.unlock": P.MANAGE_USERS,
    "users.withdraw_invitation": P.MANAGE_USERS,
    "webhooks.add": P.MANAGE_HOOKS,
    "webhooks.change": P.MANAGE_HOOKS,
    "webhooks.key": P.MANAGE_HOOKS,
    "webhooks.ping": P.MANAGE_HOOKS,
    "webhooks.remove": P.MANAGE_HOOKS,
    "webhooks.try_again": P.MANAGE_HOOKS,
}


class Demanded(Exception):  # noqa: N818
    """Carry the first right that an action asked for."""


class Inquirer(Actor):
    """An actor who notes what is demanded instead of answering."""

    def demand(self, permission: Permission) -> None:
        raise Demanded(permission)

    def may(self, permission: Permission) -> bool:
        raise Demanded(permission)


def routes_of(api: Any) -> Iterator[Any]:
    for route in api.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner)
        else:
            yield route


def demands(dependant: Dependant) -> Iterator[Permission]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Demand):
            yield inner.call.permission
        yield from demands(inner)


def actions() -> dict[str, Any]:
    """Return every public function of the actions that takes a context and an actor."""
    found = {}
    for module in pkgutil.walk_packages(annotate.actions.__path__, "annotate.actions."):
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            own = function.__module__ == module.name and not name.startswith("_")
            if own and list(inspect.signature(function).parameters)[:2] == ["context", "actor"]:
                found[f"{module.name.removeprefix('annotate.actions.')}.{name}"] = function
    return found


def call(function: Any, context: Context, actor: Actor) -> None:
    """Call an action with nothing but its first two arguments: it must ask for the right before it looks."""
    parameters = list(inspect.signature(function).parameters.values())[2:]
    positional = [
        None for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    ]
    named = {
        one.name: None for one in parameters if one.default is one.empty and one.kind is one.KEYWORD_ONLY
    }
    result = function(context, actor, *positional, **named)
    if inspect.isgenerator(result):
        next(result)
    elif hasattr(result, "__enter__"):
        result.__enter__()


@pytest.fixture(scope="module")
def empty_context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    folder: Path = tmp_path_factory.mktemp("workspace")
    (folder / "pairloop.toml").touch()
    context = Context.open(folder)
    yield context
    context.store.engine.dispose()


def test_every_right_belongs_to_the_roles_that_the_table_names():
    assert {right: {role for role in ROLES if right in ROLES[role]} for right in Permission} == WHO


def test_every_endpoint_demands_the_right_of_the_table(empty_context):
    found: dict[str, Permission | None] = {}
    for route in routes_of(make_api(empty_context)):
        for method in route.methods - {"HEAD"}:
            rights = set(demands(route.dependant)) if isinstance(route, APIRoute) else set()
            assert len(rights) <= 1, f"{method} {route.path} demands several rights"
            found[f"{method} {route.path}"] = next(iter(rights), OPEN)
    assert found == ENDPOINTS


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_the_endpoints_let_in_whom_the_table_names(make_site, role: str):
    site = make_site(Limits(strangers_burst=1000))  # there are more doors than a stranger may try at once
    client: TestClient = site.client(role)
    for name, right in ENDPOINTS.items():
        if right is OPEN or name in ("POST /ask", "POST /runs"):  # these two are tried below, cheaply
            continue
        method, path = name.split(" ")
        for part in (
            "asked",
            "loan",
            "pair",
            "run",
            "fingerprint",
            "webhook",
            "delivery",
            "number",
            "role",
            "name",
        ):
            path = path.replace(f"{{{part}}}", "987654")
        body = {} if method in ("POST", "PUT", "PATCH") else None
        status = client.request(method, path, json=body).status_code
        if role == "nobody":
            assert status == 401, name
        else:
            assert (status == 403) == (role not in WHO[right]), (name, status)
            assert status not in (401, 500), name


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_asking_and_training_look_at_the_right_before_the_wish(site, role: str):
    client = site.client(role)
    for path, right in (("/ask", P.ASK), ("/runs", P.TRAIN)):
        expected = 401 if role == "nobody" else 422 if role in WHO[right] else 403
        assert client.post(path, json={"unknown": 1}).status_code == expected


def test_every_action_demands_the_right_of_the_table_first(empty_context):
    found: dict[str, Permission | str | None] = {}
    for name, function in actions().items():
        try:
            call(function, empty_context, Inquirer(None, "nobody", "assessor"))
        except Demanded as demanded:
            found[name] = demanded.args[0]
        except AccessError:
            found[name] = OWN
        else:
            found[name] = OPEN
    assert found == ACTIONS


def test_an_action_without_the_right_changes_nothing(empty_context):
    for name, function in actions().items():
        if ACTIONS.get(name) is not OPEN:
            with pytest.raises(AccessError):
                call(function, empty_context, Actor(None, "nobody", "assessor"))
