"""Say in a TOML file how documents are read from a JSON interface.

    url = "https://api.example.org/articles?page={page}"
    rows = "$.items[*]"
    text_format = "html"

    [fields]
    id = "$.id"
    title = "$.title"
    text = "$.body"
    date = "$.updated_at"
    url = "$.link"

    [headers]
    Authorization = "Bearer ${ARTICLES_TOKEN}"

    [pagination]
    kind = "page"

A `${NAME}` in a header stands for an environment variable, so that no secret is in the file.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rag.errors import CorpusError

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_HOLES = {"page": "{page}", "offset": "{offset}", "cursor": "{cursor}"}


def _compiled(path: str) -> str:
    from jsonpath import JSONPathError, compile  # noqa: A004 - the library's name for it

    try:
        compile(path)
    except JSONPathError as error:
        raise ValueError(f"{path} is no JSONPath: {str(error).splitlines()[0]}") from error
    return path


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ApiFields(_Settings):
    """Say by JSONPath, from a row on, where the parts of a document are; several texts are joined."""

    id: str
    text: str
    title: str = ""
    date: str = ""
    url: str = ""

    @field_validator("*")
    @classmethod
    def _is_path(cls, path: str) -> str:
        return _compiled(path) if path else path


class ApiPagination(_Settings):
    """Say how one comes to the next page.

    `page` and `offset` count in the `{page}` or `{offset}` of the address, from `start` by `step`,
    until a page has no rows. `cursor` puts what `path` finds into `{cursor}`, and `next` goes to
    the address that `path` finds, until it finds nothing.
    """

    kind: Literal["none", "page", "offset", "cursor", "next"] = "none"
    start: int | None = None
    step: int = Field(default=1, ge=1)
    path: str = ""
    max_pages: int = Field(default=1_000, ge=1)

    @model_validator(mode="after")
    def _has_path(self) -> Self:
        if self.kind in {"cursor", "next"}:
            if not self.path:
                raise ValueError(f"pagination by {self.kind} needs a path")
            _compiled(self.path)
        return self


class ApiSettings(_Settings):
    """Hold the settings of one JSON interface; see the head of this module."""

    url: str
    fields: ApiFields
    rows: str = "$[*]"
    collection: str = ""
    text_format: Literal["text", "markdown", "html"] = "text"
    headers: dict[str, str] = {}
    pagination: ApiPagination = ApiPagination()

    @field_validator("rows")
    @classmethod
    def _is_path(cls, path: str) -> str:
        return _compiled(path)

    @model_validator(mode="after")
    def _has_hole(self) -> Self:
        hole = _HOLES.get(self.pagination.kind)
        if hole and hole not in self.url:
            raise ValueError(f"pagination by {self.pagination.kind} needs {hole} in the url")
        return self

    @classmethod
    def load(cls, path: Path) -> ApiSettings:
        """Read the settings from a TOML file; raise CorpusError naming what is wrong in it."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise CorpusError(f"{path}: {place + ': ' if place else ''}{first['msg']}") from error
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise CorpusError(f"{path}: {reason}") from error

    def filled_headers(self) -> dict[str, str]:
        """Return the headers with their environment variables; raise CorpusError where one is not set."""

        def value(match: re.Match[str]) -> str:
            if not (found := os.environ.get(match[1])):
                raise CorpusError(f"the environment variable {match[1]} is not set; a header needs it")
            return found

        headers = {"Accept": "application/json"}
        for name, text in self.headers.items():
            headers[name] = _VARIABLE.sub(value, text)
            if not (headers[name].isascii() and headers[name].isprintable()):
                raise CorpusError(f"the header {name} holds letters that no header can hold")
        return headers
