"""Hold what may keep a language model from giving a verdict.

LabellingError
├── MalformedReply      the reply is not the one letter or the document that was asked for
├── BudgetSpent         the next call would pass a cap
└── JudgeUnavailable    the server does not answer, or does not answer as it should
"""

from __future__ import annotations

from annotate.errors import LabellingError


class MalformedReply(LabellingError):  # noqa: N818 - an outcome, named as people say it
    """Say that a reply holds no verdict that can be read."""


class BudgetSpent(LabellingError):  # noqa: N818
    """Say that the next call would pass a cap on calls, tokens or money."""


class JudgeUnavailable(LabellingError):  # noqa: N818
    """Say that the model cannot be reached, after all retries."""
