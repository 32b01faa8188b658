"""Page through long lists by opaque cursors, which stay right while rows are added."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

Item = TypeVar("Item")
MOST = 200  # items on a page
Limit = Annotated[int, Query(ge=1, le=MOST, description="Items on a page.")]
Cursor = Annotated[
    str, Query(max_length=200, description="`next` of the page before; leave it out for the first.")
]


class Page(BaseModel, Generic[Item]):
    """Hold a page of a list, the newest first; `next` is the cursor of the page after it."""

    items: Sequence[Item]
    next: str | None = Field(None, description="None where the list ends.")


def write_cursor(last_id: int, wanted: Mapping[str, Any]) -> str:
    """Return the cursor behind a row; it fits only lists with the same filters."""
    text = json.dumps([last_id, _digest(wanted)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, wanted: Mapping[str, Any]) -> int | None:
    """Return the id of the last row before the page, None for the first page; 422 for a foreign cursor."""
    if not cursor:
        return None
    try:
        last_id, digest = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        )
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _unfit() from error
    if digest != _digest(wanted) or type(last_id) is not int or not 0 < last_id < 2**63:
        raise _unfit()
    return last_id


def make_page(found: Sequence[Any], limit: int, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of what a report found, which was asked for one row more than the limit."""
    items = list(found[:limit])
    more = len(found) > limit
    return {"items": items, "next": write_cursor(items[-1].id, wanted) if more else None}


def _digest(wanted: Mapping[str, Any]) -> str:
    text = json.dumps(wanted, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _unfit() -> HTTPException:
    return HTTPException(422, "this cursor belongs to no such list; start with the first page")
