"""Label the pairs of a workspace in Label Studio: create or adopt a project, push, pull, receive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.dressing import send_new_opinions
from annotate.bridges.label_studio.links import Link, find_link, list_links
from annotate.bridges.label_studio.projects import (
    ProjectWish,
    adopt_project,
    check_project,
    create_project,
    renew_guideline,
)
from annotate.bridges.label_studio.pull import PullReport, Reconciliation
from annotate.bridges.label_studio.push import PushReport, push
from annotate.bridges.label_studio.status import LinkStatus, report_link
from annotate.bridges.label_studio.webhook import PATH, SECRET_VARIABLE, connect_webhook, webhook_app
from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.labelling import refresh_preferences
from annotate.labelling.campaigns import DEFAULT, find_campaign, open_campaign

if TYPE_CHECKING:
    from starlette.applications import Starlette

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Place:
    """Name a project on a server; without them, the only one that is linked."""

    url: str = ""
    project: int | None = None


def start_project(context: Context, url: str, wish: ProjectWish, *, campaign: str = DEFAULT) -> Link:
    """Create a project for a campaign; the token comes from the environment."""
    with LabelStudioClient.from_environment(url) as client:
        chosen = open_campaign(context.store, campaign) if campaign == DEFAULT else None
        return create_project(
            context.store,
            client,
            chosen or find_campaign(context.store, campaign),
            context.guideline,
            wish,
        )


def adopt(context: Context, url: str, project: int, wish: ProjectWish, *, campaign: str = DEFAULT) -> Link:
    """Link a project that is there to a campaign."""
    with LabelStudioClient.from_environment(url) as client:
        chosen = open_campaign(context.store, campaign) if campaign == DEFAULT else None
        return adopt_project(
            context.store,
            client,
            project,
            chosen or find_campaign(context.store, campaign),
            context.guideline,
            wish,
        )


def push_tasks(
    context: Context,
    place: Place,
    *,
    limit: int | None = None,
    new_opinions: bool = False,
    progress: Progress | None = None,
) -> PushReport:
    """Send the waiting tasks under the current guideline; `new_opinions` also renews all predictions."""
    with _linked(context, place) as (client, found):
        link = renew_guideline(
            context.store, client, check_project(context.store, client, found), context.guideline
        )
        report = push(context.store, client, link, limit=limit, progress=progress)
        if new_opinions:
            send_new_opinions(context.store, client, find_link(context.store, link.base_url, link.project))
        return report


def pull_judgements(
    context: Context, place: Place, *, full: bool = False, progress: Progress | None = None
) -> PullReport:
    """Reconcile the ledger with the project, and refresh the preferences when something changed."""
    with _linked(context, place) as (client, found):
        link = check_project(context.store, client, found)
        report = Reconciliation.of(context.store, client, link).run(full=full, progress=progress)
        if report.recorded or report.amended or report.withdrawn or report.known:
            refresh_preferences(context.store)
        return report


def link_status(context: Context, *, remote: bool = True) -> list[LinkStatus]:
    """Report on all linked projects; with `remote` ask the servers, which needs the token."""
    found = []
    for link in list_links(context.store):
        if remote:
            with LabelStudioClient.from_environment(link.base_url) as client:
                found.append(report_link(context.store, link, client.project(link.project)))
        else:
            found.append(report_link(context.store, link, None))
    return found


def connect(context: Context, place: Place, public_url: str) -> int:
    """Let the server send its events to us; `public_url` is where it reaches us. Returns the number."""
    with _linked(context, place) as (client, link):
        return connect_webhook(client, link, public_url.rstrip("/") + PATH, webhook_secret())


def webhook_application(context: Context, place: Place) -> Starlette:
    """Return the ASGI application that receives the events; the secret comes from the environment."""
    link = _find(context, place)
    return webhook_app(context.store, LabelStudioClient.from_environment(link.base_url), webhook_secret())


def webhook_secret(environment: Mapping[str, str] = os.environ) -> str:
    """Return the secret of the webhooks; raise BridgeError when the environment has none."""
    secret = environment.get(SECRET_VARIABLE, "").strip()
    if not secret:
        raise BridgeError(f"webhooks need a secret; set {SECRET_VARIABLE}")
    return secret


@contextmanager
def _linked(context: Context, place: Place) -> Iterator[tuple[LabelStudioClient, Link]]:
    link = _find(context, place)
    with LabelStudioClient.from_environment(link.base_url) as client:
        yield client, link


def _find(context: Context, place: Place) -> Link:
    links = [
        link
        for link in list_links(context.store)
        if place.url.rstrip("/") in ("", link.base_url) and place.project in (None, link.project)
    ]
    if len(links) == 1:
        return links[0]
    known = ", ".join(f"{link.base_url} project {link.project}" for link in list_links(context.store))
    if not known:
        raise BridgeError("no project is linked; `pairloop label-studio create` or `adopt` one first")
    raise BridgeError(f"name one project with --url and --project; linked: {known}")
