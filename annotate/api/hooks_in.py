"""Receive the webhooks of Label Studio, which prove themselves by a secret header."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from annotate.actions.webhooks import label_studio_receiver
from annotate.api.context import InContext
from annotate.api.problems import NotFound
from annotate.errors import BridgeError

log = logging.getLogger("pairloop.api")
router = APIRouter(prefix="/hooks", tags=["webhooks"])


@router.post(
    "/label-studio/webhook",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    },
)
async def label_studio(
    request: Request,
    context: InContext,
    server: Annotated[
        str, Query(max_length=300, description="Address of the server, where several are linked.")
    ] = "",
) -> dict[str, Any]:
    """Take an event of Label Studio in; the same event again changes nothing."""
    body = await request.body()
    receivers: dict[str, Any] = request.app.state.receivers
    if server not in receivers:
        try:
            receivers[server] = await run_in_threadpool(label_studio_receiver, context, server)
        except BridgeError as error:
            log.warning("an event of Label Studio was refused: %s", error)
            raise NotFound("no Label Studio is linked here, or its secret is not set") from error
    status, message = await run_in_threadpool(receivers[server].receive, request.headers, body)
    if status != 200:
        raise HTTPException(status, str(message["error"]))
    return dict(message)
