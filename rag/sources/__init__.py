"""Bring documents in from folders, pages, sitemaps, JSON interfaces and crawled sites: one source a file."""

from rag.sources.files import find_files, read_files
from rag.sources.rules import FetchRules

__all__ = ["FetchRules", "find_files", "read_files"]
