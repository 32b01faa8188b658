"""Ask: the whole record as JSON, or the answer as it is written, as NDJSON or server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from threading import BoundedSemaphore
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import StreamingResponse

from annotate.access.permissions import Actor, Permission
from annotate.actions.asking import AskedReport, Piece, ask
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.schemas.asking import AskedRecord, Question
from annotate.errors import PairloopError

NDJSON, EVENTS = "application/x-ndjson", "text/event-stream"
AT_ONCE = 4  # questions answered at the same time; the others are asked to come again
COME_AGAIN_SECONDS = 5
router = APIRouter(tags=["ask"])
Asker = Annotated[Actor, Depends(require(Permission.ASK))]
Event = dict[str, Any]


@router.post(
    "/ask",
    response_model=AskedRecord,
    responses={
        200: {
            "description": "The record; as a stream: `piece` after `piece`, then `record` or `error`.",
            "content": {NDJSON: {"schema": {"type": "string"}}, EVENTS: {"schema": {"type": "string"}}},
        }
    },
)
def ask_question(
    question: Question,
    request: Request,
    context: InContext,
    actor: Asker,
    accept: Annotated[str, Header(max_length=500)] = "",
) -> Any:
    """Ask a question. With `Accept: application/x-ndjson` or `text/event-stream` the answer is streamed."""
    told = _holding(request.app.state.asking, ask(context, actor, question.question, pair=question.pair))
    if EVENTS in accept:
        return _stream(told, EVENTS)
    if NDJSON in accept:
        return _stream(told, NDJSON)
    with closing(told):
        return AskedRecord.model_validate(list(told)[-1])


def _holding(slots: BoundedSemaphore, told: Iterator[Piece | AskedReport]) -> Any:
    """Hold a slot until the answer is complete, broken off, or nobody listens any more."""
    if not slots.acquire(blocking=False):
        headers = {"Retry-After": str(COME_AGAIN_SECONDS)}
        raise HTTPException(503, "too many questions are being answered; come again", headers)
    try:
        yield from told
    finally:
        slots.release()


def _stream(told: Any, kind: str) -> Response:
    try:
        first = next(told)  # what is refused is refused with its status, before the stream begins
    except BaseException:
        told.close()
        raise
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_written(chain([first], told), told, kind), headers=headers, media_type=kind)


def _written(pieces: Iterator[Piece | AskedReport], told: Any, kind: str) -> Iterator[str]:
    with closing(told):
        try:
            for one in pieces:
                yield _write(_event(one), kind)
        except PairloopError as error:
            yield _write({"type": "error", "detail": str(error)}, kind)


def _event(one: Piece | AskedReport) -> Event:
    if isinstance(one, Piece):
        return {"type": "piece", "place": one.place, "text": one.text}
    return {"type": "record", "record": AskedRecord.model_validate(one).model_dump(mode="json")}


def _write(event: Event, kind: str) -> str:
    line = json.dumps(event, ensure_ascii=False)
    return f"event: {event['type']}\ndata: {line}\n\n" if kind == EVENTS else f"{line}\n"
