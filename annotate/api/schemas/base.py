"""Share what all schemas have: unknown keys in a request are refused, answers are read from reports."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[int, Field(ge=1, lt=2**63)]  # of a row in the database
Key = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_.:-]{8,100}$",
        description="Drawn by the client; sending twice under one key counts once.",
    ),
]


class Wish(BaseModel):
    """Hold a request; a misspelt key is an error, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """Hold an answer, read from the attributes of a report."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
