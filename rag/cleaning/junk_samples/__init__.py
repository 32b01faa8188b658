"""Gather the texts that the junk classifier learns from: good ones and junk, found and made."""

from rag.cleaning.junk_samples.found import found_junk
from rag.cleaning.junk_samples.good import good_texts
from rag.cleaning.junk_samples.made import made_junk
from rag.cleaning.junk_samples.records import good_records
from rag.cleaning.junk_samples.sample import Sample

__all__ = ["Sample", "found_junk", "good_records", "good_texts", "made_junk"]
