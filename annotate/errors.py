"""Hold the exceptions of the platform.

PairloopError
├── SettingsError         the settings or the workspace cannot be read
├── StoreError            the database is missing, corrupt or of another version
├── LabellingError        the ledger refuses a step
│   ├── NothingToLabel    no task is open for this assessor
│   ├── LeaseLost         the assignment expired or was given back
│   ├── VerdictError      a judgement is not well formed
│   └── ChangedMeanwhile  somebody else changed it since it was read
├── AccessError           an account, a session, an invitation or a token is not right
│   ├── AccessDenied      the role, or the scopes of the token, do not allow it
│   └── SignInRefused     name and password do not fit, or the account is locked or disabled
├── BridgeError           an import or export cannot go on
└── JobError              a job cannot start or did not finish
"""

from __future__ import annotations


class PairloopError(Exception):
    """Stand at the root of everything the platform raises on purpose."""


class SettingsError(PairloopError):
    """Say that the settings or the workspace cannot be read."""


class StoreError(PairloopError):
    """Say that the database is missing, corrupt or of another version."""


class LabellingError(PairloopError):
    """Say that the ledger refuses a step."""


class NothingToLabel(LabellingError):  # noqa: N818 - an outcome, named as people say it
    """Say that no task is open for this assessor."""


class LeaseLost(LabellingError):  # noqa: N818
    """Say that the assignment expired, was given back or is another assessor's."""


class VerdictError(LabellingError):
    """Say that a judgement is not well formed."""


class ChangedMeanwhile(LabellingError):  # noqa: N818
    """Say that somebody else changed it since it was read."""


class AccessError(PairloopError):
    """Say that an account, a session, an invitation or a token is not right."""


class AccessDenied(AccessError):  # noqa: N818
    """Say that the role, or the scopes of the token, do not allow it."""


class SignInRefused(AccessError):  # noqa: N818
    """Say that name and password do not fit, or that the account is locked or disabled."""


class BridgeError(PairloopError):
    """Say that an import or export cannot go on."""


class JobError(PairloopError):
    """Say that a job cannot start or did not finish."""
