"""Prepare documents in this process or, where there is much to do, in limited worker processes."""

from rag.preparing.preparer import Prepared, Preparer

__all__ = ["Prepared", "Preparer"]
