"""Keep the versions of the assessors' guidelines, named by the hash of their content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from annotate.errors import LabellingError
from annotate.store import Guideline, Store


@dataclass(frozen=True)
class GuidelineVersion:
    """Hold one version: texts by `language/name`."""

    id: int
    content_hash: str
    texts: dict[str, str]

    def in_language(self, language: str) -> dict[str, str]:
        """Return the texts of one language by name, English ones where there is none."""
        chosen = language if any(key.startswith(f"{language}/") for key in self.texts) else "en"
        return {
            key.split("/", 1)[1]: text for key, text in self.texts.items() if key.startswith(f"{chosen}/")
        }


def adopt_guidelines(store: Store, folder: Path) -> GuidelineVersion:
    """Read the guidelines and make them the current version; equal content is the same version.

    Raises LabellingError when the folder holds no `LANGUAGE/NAME.md`.
    """
    texts = {
        f"{path.parent.name}/{path.stem}": path.read_text("utf-8") for path in sorted(folder.glob("*/*.md"))
    }
    if not texts:
        raise LabellingError(f"{folder}: no guidelines here (expected en/*.md, ru/*.md)")
    content_hash = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    with store.writing.begin() as session:
        record = session.scalar(select(Guideline).where(Guideline.content_hash == content_hash))
        if record is None:
            record = Guideline(content_hash=content_hash, texts=texts)
            session.add(record)
            session.flush()
        return GuidelineVersion(record.id, content_hash, texts)
