"""Name the addresses of the pages, and read and guard what is sent to them."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from annotate.access.sign_in import Guard
from annotate.api.identity import is_same_origin
from annotate.jobs.context import Context
from annotate.ui.entrance import joining, passwords, provider, signing
from annotate.ui.entrance.visits import PAGES, Page, Visit

LONGEST_FORM = 10_000  # bytes


def entrance_routes(context: Context) -> list[BaseRoute]:
    """Return the routes of the pages for people who are not in yet, or leave."""
    guard = Guard()

    def at(path: str, shown: Page, sent: Page) -> Route:
        async def endpoint(request: Request) -> Response:
            if request.method != "POST":
                return await run_in_threadpool(shown, Visit(context, guard, request))
            if not is_same_origin(request):
                return PlainTextResponse("this form belongs to another site", 403)
            if int(request.headers.get("Content-Length", LONGEST_FORM + 1)) > LONGEST_FORM:
                return PlainTextResponse("this form is too long", 413)
            form = await request.form(max_files=0, max_fields=20)
            return await run_in_threadpool(sent, Visit(context, guard, request, form))

        return Route(path, endpoint, methods=["GET", "POST"])

    return [
        at("/sign-in", signing.show_sign_in, signing.sign_in),
        at("/sign-in/oidc", provider.go_to_provider, provider.take_ticket),
        at("/invitation/{secret}", joining.show_invitation, joining.take_invitation),
        at("/password", passwords.show_password, passwords.take_password),
        at("/sign-out", signing.show_sign_out, signing.sign_out),
        Mount("/pages", StaticFiles(directory=PAGES / "static")),
    ]
