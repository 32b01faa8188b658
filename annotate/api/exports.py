"""Stream exports: preferences or judgements, in the formats of other tools."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from annotate.access.permissions import Actor, Permission
from annotate.actions.exports import CSV, JSON, LINES, ZIP, ExportWish, write_export
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.schemas.base import Wish
from annotate.bridges.formats import FORMATS

router = APIRouter(tags=["exports"])
Taker = Annotated[Actor, Depends(require(Permission.EXPORT))]
Questions = Annotated[list[Annotated[str, Field(max_length=4000)]], Field(max_length=10_000)]
_NAMES: list[Any] = sorted(FORMATS)
FORM = Field(json_schema_extra={"enum": _NAMES}, max_length=50)


class NewExport(Wish):
    """Ask for an export; `frozen` are questions of a test, none of which may be in it, nor nearly."""

    form: str = FORM
    content: Literal["preferences", "judgements"] = "preferences"
    split: Literal["all", "train", "validation", "test"] = "all"
    validation_share: float = Field(0.0, ge=0, lt=1, allow_inf_nan=False)
    questions: Questions = Field(default_factory=list)
    frozen: Questions = Field(default_factory=list)


@router.post(
    "/exports",
    response_class=FileResponse,
    responses={
        200: {
            "description": "The file; `X-Lines` is the number of its lines.",
            "content": {kind: {"schema": {"type": "string"}} for kind in (LINES, CSV, JSON, ZIP)},
        }
    },
)
def export(wish: NewExport, context: InContext, actor: Taker) -> Any:
    """Export preferences or judgements; refused where held-out questions would get into the file."""
    folder = Path(tempfile.mkdtemp(prefix="pairloop-export-"))
    try:
        made = write_export(context, actor, ExportWish(**wish.model_dump()), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        made.path,
        media_type=made.media_type,
        filename=made.path.name,
        headers={"X-Lines": str(made.lines), "Cache-Control": "no-store"},
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )
