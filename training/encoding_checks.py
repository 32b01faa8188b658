"""Checks of what a model really reads: its own template, one beginning, an end, no marks inside texts."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from training.encoding import EncodedPair
from training.errors import ModelError, RowsError
from training.rows import PreferenceRow

_MARKS = re.compile(r"<\|[^|<>\s]+\|>|<(?:start|end)_of_turn>")


def check_template(tokenizer: PreTrainedTokenizerBase) -> None:
    """Check that the chat template is the model's own and the same tomorrow. Raises ModelError.

    A template is not the model's own where it differs from the one in the tokenizer's folder, or uses marks
    such as <|im_start|> that the vocabulary does not have: they would be read as letters. A tokenizer with
    more tokens than the folder's model is not the model's own either.
    """
    template = _text(tokenizer.chat_template)
    if "strftime_now" in template:
        raise ModelError(
            "the chat template inserts today's date; give the base folder a template with a fixed one"
        )
    foreign = [mark for mark in template_marks(tokenizer) if not _is_one_token(tokenizer, mark)]
    if foreign:
        raise ModelError(
            f"the chat template uses {', '.join(foreign)}, which the tokenizer does not know as one token; "
            "it is another model's template: use the model's own"
        )
    folder = Path(tokenizer.name_or_path)
    own = _own_template(folder)
    if own is not None and own != template:
        raise ModelError(f"{folder}: the chat template in use is not the model's own; use that of the folder")
    known = _vocabulary_size(folder)
    if known is not None and len(tokenizer) > known:
        raise ModelError(
            f"{folder}: the tokenizer has {len(tokenizer)} tokens and the model only {known}; "
            "they do not belong together"
        )


def template_marks(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Return the marks that the chat template writes around messages, each once, in order."""
    return list(dict.fromkeys(_MARKS.findall(_text(tokenizer.chat_template))))


def check_untemplated(tokenizer: PreTrainedTokenizerBase, rows: Iterable[PreferenceRow]) -> None:
    """Raise RowsError where a text holds the model's own marks: templated before, or it would end a turn."""
    marks = {*template_marks(tokenizer), tokenizer.bos_token, tokenizer.eos_token} - {None}
    for row in rows:
        texts = {"chosen": row.chosen, "rejected": row.rejected}
        texts |= {f"prompt, message {at}": one["content"] for at, one in enumerate(row.prompt, start=1)}
        for place, text in texts.items():
            if found := sorted(mark for mark in marks if mark in text):
                raise RowsError(
                    f"row {row.id!r}: {place} holds {found[0]}, a mark of the chat template; "
                    "was it templated already? give the bare text"
                )


def check_encoding(tokenizer: PreTrainedTokenizerBase, pairs: Sequence[EncodedPair]) -> None:
    """Check every pair as the model will read it.

    Raises ModelError on a doubled beginning-of-text token or an answer that is never closed by the end token
    (the template is not the model's, and the policy would never learn to stop); RowsError where both sides
    read the same.
    """
    for pair in pairs:
        check_ids(tokenizer, pair.row.id, pair.prompt_ids, pair.chosen_ids)
        check_ids(tokenizer, pair.row.id, pair.prompt_ids, pair.rejected_ids)
        if pair.chosen_ids == pair.rejected_ids:
            raise RowsError(f"row {pair.row.id!r}: chosen and rejected are the same tokens; remove the row")


def check_ids(
    tokenizer: PreTrainedTokenizerBase, row_id: str, prompt_ids: Sequence[int], answer_ids: Sequence[int]
) -> None:
    """Check a prompt and answer as the model will read them: one beginning, an end. Raises ModelError."""
    beginning, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    where = f"row {row_id!r}"
    if beginning is not None and [*prompt_ids, *answer_ids][:2] == [beginning, beginning]:
        raise ModelError(f"{where}: the text begins with {tokenizer.bos_token} twice; fix the chat template")
    if end not in answer_ids:
        raise ModelError(
            f"{where}: the chat template does not close an answer with {tokenizer.eos_token}; "
            "use the model's own, or the model would never learn to stop"
        )


def _is_one_token(tokenizer: PreTrainedTokenizerBase, mark: str) -> bool:
    return len(tokenizer.encode(mark, add_special_tokens=False)) == 1


def _own_template(folder: Path) -> str | None:
    """Return the template that the folder holds, None where it holds none or several."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    found = _json(folder / "tokenizer_config.json").get("chat_template")
    return found if isinstance(found, str) else None


def _vocabulary_size(folder: Path) -> int | None:
    found = _json(folder / "config.json").get("vocab_size")
    return found if isinstance(found, int) else None


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(template: Any) -> str:
    return template if isinstance(template, str) else str(template or "")
