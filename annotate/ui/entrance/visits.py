"""Read what a browser brings to a page, and answer with a page, a redirect or a cookie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel import negotiate_locale
from jinja2 import Environment, FileSystemLoader
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from annotate.access.sessions import COOKIE, LONGEST, Entry, read_session
from annotate.access.sign_in import Guard
from annotate.jobs.context import Context
from annotate.ui.texts import LANGUAGES, Speech

PAGES = Path(__file__).parent / "pages"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HOME = "/"


@dataclass(frozen=True)
class Visit:
    """Hold one request to a page: the workspace, the guard against guessing, and what was filled in."""

    context: Context
    guard: Guard
    request: Request
    form: FormData = field(default_factory=FormData)

    @property
    def token(self) -> str:
        """Return the session token that the browser holds, or nothing."""
        return self.request.cookies.get(COOKIE, "")

    @property
    def entry(self) -> Entry | None:
        """Return who is signed in already."""
        return read_session(self.context.store, self.token)

    @property
    def address(self) -> str:
        """Return the address of the other side."""
        return self.request.client.host if self.request.client else ""

    @property
    def agent(self) -> str:
        """Return what the browser calls itself."""
        return self.request.headers.get("User-Agent", "")

    @property
    def next(self) -> str:
        """Return the page to go on to, always one of ours."""
        return own_path(self.text("next") or self.request.query_params.get("next", ""))

    def text(self, name: str) -> str:
        """Return what was filled in, or nothing."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def speech(self) -> Speech:
        """Return the language that was chosen on the page, or of the account, browser or settings."""
        chosen = self.text("language") or self.request.query_params.get("language", "")
        entry = self.entry
        asked = [
            part.partition(";")[0].strip()
            for part in self.request.headers.get("Accept-Language", "").split(",")
        ]
        wanted = (
            chosen,
            entry.account.language if entry else "",
            negotiate_locale(asked, list(LANGUAGES), sep="-"),
            self.context.settings.language,
        )
        return Speech(next(language for language in wanted if language in LANGUAGES))

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Answer with a page; it is never kept by the browser."""
        speech = self.speech
        html = _templates().get_template(f"{template}.html").render(
            t=speech, languages=LANGUAGES, language=speech.language, path=self.request.url.path,
            next=self.next, **values,
        )  # fmt: skip
        return HTMLResponse(html, status, {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})

    def go(self, place: str, token: str | None = None) -> Response:
        """Send the browser on; with a token, sign it in, with an empty one, out."""
        response = RedirectResponse(place, 303, {"Cache-Control": "no-store"})
        if token:
            response.set_cookie(
                COOKIE, token, max_age=int(LONGEST.total_seconds()), path="/", httponly=True,
                samesite="lax", secure=self.request.url.scheme == "https",
            )  # fmt: skip
        elif token == "":
            response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return response


Page = Callable[[Visit], Response]


def own_path(place: str) -> str:
    """Return a path of this server, or the home page for anything that could lead elsewhere."""
    parts = urlsplit(place)
    safe = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    safe = safe and "\\" not in place and not parts.scheme and not parts.netloc
    return place if safe and not place.startswith("/sign-") else HOME


@lru_cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(PAGES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
