"""Nobody comes in unseen, and every answer carries the safe headers."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from annotate.access.sessions import COOKIE
from annotate.jobs.context import Context
from annotate.ui.doorkeeper import HEADERS, Doorkeeper


async def page(request):
    return PlainTextResponse("inside")


async def socket(websocket):
    await websocket.accept()
    await websocket.send_text("inside")
    await websocket.close()


@pytest.fixture
def client(empty_workspace):
    app = Starlette(
        routes=[
            WebSocketRoute("/_stcore/stream", socket),
            Route("/{path:path}", page, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Doorkeeper, context=Context.open(empty_workspace.folder))],
    )
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize(
    "path", ["/", "/users", "/media/x.csv", "/_stcore/upload_file/a/b", "/component/x", "/apix"]
)
def test_strangers_get_no_page_and_no_file(client, path: str):
    shown = client.get(path, headers={"Accept": "text/html"})
    assert (shown.status_code, shown.headers["Location"]) == (303, f"/sign-in?next={path}")
    assert client.get(path, headers={"Accept": "*/*"}).status_code == 401
    assert client.post(path).status_code == 401
    assert client.head(path).status_code == 401


def test_strangers_get_no_socket(client):
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/_stcore/stream"):
        pass
    assert refused.value.code == 1008


def test_who_is_signed_in_gets_both(client, empty_workspace, token_for):
    client.cookies.set(COOKIE, token_for(empty_workspace.store, "assessor"))
    assert client.get("/").text == "inside"
    with client.websocket_connect("/_stcore/stream") as connection:
        assert connection.receive_text() == "inside"


@pytest.mark.parametrize("cookie", ["_streamlit_user", "pairloop_session"])
def test_a_made_up_cookie_opens_nothing(client, cookie: str):
    client.cookies.set(cookie, "made up")
    assert client.get("/").status_code == 401


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/runs", "/static/x.js"])
def test_every_answer_carries_the_safe_headers(client, path: str):
    found = client.get(path).headers
    assert {name: found.get(name) for name in HEADERS} == HEADERS


def test_the_policy_lets_no_foreign_script_frame_or_form_in():
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert not [sources for sources in policy.values() if "http" in sources or "*" in sources]
