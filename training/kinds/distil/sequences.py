"""A teacher behind an OpenAI-compatible endpoint: ask it every prompt once, keep what it says."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from openai import OpenAI, OpenAIError

from training.errors import ModelError, RowsError
from training.recipes import DistilRecipe
from training.rows import DemonstrationRow, PromptRow
from training.runs import Run

TAUGHT_FILE = "taught.jsonl"
_SECONDS = 120.0
_RETRIES = 4


def ask_teacher(recipe: DistilRecipe, run: Run[PromptRow]) -> tuple[Run[DemonstrationRow], list[str]]:
    """Give the run with the teacher's answers as rows, and the ids of prompts it did not answer to the end.

    Answers go to RUN/taught.jsonl as they come; a prompt that is there is not asked again. Raises ModelError
    where the server fails, RowsError where no answer came to its end.
    """
    path = run.folder / TAUGHT_FILE
    answers = _read(path)
    missing = [row for row in run.train_rows + run.test_rows if row.id not in answers]
    run.progress.stage("asking the teacher", prompts=len(missing), known=len(answers))
    _ask_all(recipe, missing, path)
    answers = _read(path)
    train, test = (_taught(rows, answers) for rows in (run.train_rows, run.test_rows))
    if not train:
        raise RowsError(
            f"{recipe.endpoint}: no answer came to its end within {recipe.max_new_tokens} tokens; "
            "raise max_new_tokens"
        )
    whole = {row.id for row in train + test}
    unanswered = [row.id for row in run.train_rows + run.test_rows if row.id not in whole]
    return Run(run.folder, train, test, run.progress), unanswered


def _ask_all(recipe: DistilRecipe, rows: Sequence[PromptRow], path: Path) -> None:
    client = OpenAI(
        base_url=recipe.endpoint,
        api_key=os.environ.get(recipe.api_key_variable) or "none",
        timeout=_SECONDS,
        max_retries=_RETRIES,
    )
    with client, path.open("a", encoding="utf-8") as stream, ThreadPoolExecutor(recipe.concurrency) as pool:
        try:
            for answer in pool.map(lambda row: _ask(client, recipe, row), rows):
                stream.write(json.dumps(answer, ensure_ascii=False) + "\n")
                stream.flush()
        except OpenAIError as error:
            pool.shutdown(wait=False, cancel_futures=True)
            raise ModelError(
                f"{recipe.endpoint}: no answer from {recipe.endpoint_model}: {' '.join(str(error).split())}; "
                "the answers so far are kept"
            ) from error


def _ask(client: OpenAI, recipe: DistilRecipe, row: PromptRow) -> dict[str, Any]:
    reply = client.chat.completions.create(
        model=recipe.endpoint_model,
        messages=cast(Any, row.prompt),
        max_tokens=recipe.max_new_tokens,
        temperature=0.0,
        seed=recipe.seed,
    )
    if not getattr(reply, "choices", None):
        raise ModelError(f"{recipe.endpoint}: the reply is not that of an OpenAI-compatible server")
    choice = reply.choices[0]
    text = (choice.message.content or "").strip()
    return {"id": row.id, "text": text, "whole": bool(text) and choice.finish_reason != "length"}


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Read the whole lines of an earlier attempt and cut off one that a kill left half written."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    if len(whole) < len(lines):
        path.write_text("".join(whole), encoding="utf-8")
    return {answer["id"]: answer for answer in map(json.loads, whole)}


def _taught(rows: Sequence[PromptRow], answers: dict[str, dict[str, Any]]) -> list[DemonstrationRow]:
    return [
        DemonstrationRow(
            id=row.id,
            question_id=row.question_id,
            weight=row.weight,
            language=row.language,
            lineage=row.lineage,
            prompt=row.prompt,
            completion=answers[row.id]["text"],
        )
        for row in rows
        if answers[row.id]["whole"]
    ]
