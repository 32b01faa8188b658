"""Hand the workspace to the endpoints."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from annotate.jobs.context import Context


def context_of(request: Request) -> Context:
    """Return the workspace that the application serves."""
    context: Context = request.app.state.context
    return context


InContext = Annotated[Context, Depends(context_of)]
