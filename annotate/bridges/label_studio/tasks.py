"""Show pairs, predictions and known verdicts as Label Studio knows them."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from typing import Any

from annotate.labelling import PairView
from annotate.labelling.views import AnswerView

VERDICT = "verdict"


def drawn_order(seed: int, task_id: int) -> bool:
    """Tell whether a task is shown with its second answer first.

    Who will label it is not known yet, so the order is drawn per task from the seed of the campaign;
    of every two neighbouring tasks one is turned, so that both orders are equally frequent.
    """
    digest = hashlib.sha256(f"label-studio:{seed}:{task_id // 2}".encode()).digest()
    return bool((digest[0] ^ task_id) & 1)


def order_mark(pair_id: int, swapped: bool) -> str:
    """Return a mark of the order of display that tells an annotator nothing of which answer is which."""
    return hashlib.sha256(f"order:{pair_id}:{int(swapped)}".encode()).hexdigest()[:12]


def shown_order(data: Mapping[str, Any]) -> bool:
    """Tell from the data of a task whether the second answer of its pair was shown first."""
    return data.get("order") == order_mark(int(data["pair_id"]), swapped=True)


def task_data(pair: PairView, cluster: int | None = None, *, swapped: bool = False) -> dict[str, Any]:
    """Return the data of a remote task; the pair comes in the order of display, which `swapped` names."""
    return {
        "pair_id": pair.pair_id,
        "order": order_mark(pair.pair_id, swapped),
        "language": pair.language,
        "cluster": cluster,
        "question": pair.question,
        "answer_a": _page(pair.a),
        "answer_b": _page(pair.b),
        "passages_a": _passages(pair.a),
        "passages_b": _passages(pair.b),
    }


def verdict_result(verdict: str) -> list[dict[str, Any]]:
    """Return a verdict, in the order of display, as the result of an annotation or a prediction."""
    return [
        {"from_name": VERDICT, "to_name": "answer_a", "type": "choices", "value": {"choices": [verdict]}},
    ]


def instruction(texts: Mapping[str, str]) -> str:
    """Return a guideline as the expert instruction: its Markdown as it is, escaped."""
    return "".join(
        f'<h3>{html.escape(name)}</h3><div style="white-space: pre-wrap">{html.escape(text)}</div>'
        for name, text in texts.items()
    )


def _page(answer: AnswerView) -> str:
    """Return an answer as one paragraph of one text, so that marks count characters of the answer."""
    return f'<p style="white-space: pre-wrap">{html.escape(answer.text)}</p>'


def _passages(answer: AnswerView) -> str:
    """Return the passages of an answer, everything foreign escaped."""
    return "".join(
        f"<p><b>[{passage.number}] {html.escape(passage.title)}</b><br>{html.escape(passage.text)}</p>"
        for passage in answer.passages
    )
