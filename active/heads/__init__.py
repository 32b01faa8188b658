"""Models that turn pair features into P(first better)."""

from active.heads.base import PreferenceHead
from active.heads.bradley_terry import BradleyTerryHead

__all__ = ["BradleyTerryHead", "PreferenceHead"]
