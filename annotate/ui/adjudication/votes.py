"""Draw what was said of a pair: votes, marks, comments, flags, the joint posterior, the discussion."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.reports.reviews import Opinion, ReviewReport
from annotate.ui.markup import escape
from annotate.ui.still_pair import Mark
from annotate.ui.texts import Speech

TONES = {"A": "a", "B": "b"}
OUTCOMES = ("first", "tie", "both_bad", "second")


def name_of(opinion: Opinion, speech: Speech) -> str:
    """Return the name of who judged where it may be seen, else a number."""
    return opinion.assessor or speech(f"adjudication.{opinion.kind}", number=opinion.number)


def marks_of(opinions: Sequence[Opinion], speech: Speech) -> list[Mark]:
    """Return the stretches that assessors marked in the answers."""
    return [
        Mark(span["side"], span["start"], span["end"], span["kind"], name_of(opinion, speech))
        for opinion in opinions
        for span in opinion.spans
    ]


def draw_votes(review: ReviewReport, speech: Speech) -> str:
    """Return the votes, the first given first."""
    votes = "".join(_vote(opinion, review, speech) for opinion in review.opinions)
    nobody = f'<p class="pl-quiet">{escape(speech("adjudication.no_votes"))}</p>'
    flags = "".join(
        f'<p class="pl-flagged">{escape(speech("adjudication.flag", reason=speech.name("flag", reason)))}</p>'
        for reason in review.flags
    )
    return f'<div class="pl-votes">{flags}{votes or nobody}</div>'


def _vote(opinion: Opinion, review: ReviewReport, speech: Speech) -> str:
    said = speech.name("verdict", opinion.verdict)
    tone = TONES.get(opinion.verdict[0], "even")
    facts = [
        f"{speech.name('aspect', aspect)}: {speech.name('aspect', side)}"
        for aspect, side in opinion.aspects.items()
    ]
    tags = [
        f"{side}: {', '.join(speech.name('tag', tag) for tag in tags)}"
        for side, tags in opinion.tags.items()
        if tags
    ]
    if opinion.confidence is not None:
        facts.insert(0, speech("adjudication.confidence", share=speech.percent(opinion.confidence)))
    if opinion.seconds:
        facts.append(speech.span(opinion.seconds))
    lines = "".join(f"<p>{escape(line)}</p>" for line in (" · ".join(facts), " · ".join(tags)) if line)
    marks = "".join(_mark(span, review, speech) for span in opinion.spans)
    comment = f'<blockquote dir="auto">{escape(opinion.comment)}</blockquote>' if opinion.comment else ""
    return (
        f'<section class="pl-vote pl-vote-{tone}"><header><b>{escape(name_of(opinion, speech))}</b>'
        f"<span>{escape(said)}</span></header>{comment}{marks}{lines}</section>"
    )


def _mark(span: dict[str, object], review: ReviewReport, speech: Speech) -> str:
    answer = review.pair.a if span["side"] == "A" else review.pair.b
    words = answer.text[int(str(span["start"])) : int(str(span["end"]))]
    name = speech.name("span", str(span["kind"]))
    return f'<p class="pl-marked">{escape(str(span["side"]))} · {escape(name)}: «{escape(words)}»</p>'


def draw_posterior(review: ReviewReport, speech: Speech) -> str:
    """Return the joint probability of each outcome as bars."""
    if not review.posterior:
        return f'<p class="pl-quiet">{escape(speech("adjudication.no_posterior"))}</p>'
    rows = "".join(
        f'<div><span>{escape(speech(f"outcome.{name}"))}</span><i><b style="width:{share:.0%}"></b></i>'
        f"<small>{speech.percent(share)}</small></div>"
        for name in OUTCOMES
        if (share := float(review.posterior.get(name, 0.0))) is not None
    )
    return f'<div class="pl-odds">{rows}</div>'


def draw_discussion(review: ReviewReport, speech: Speech) -> str:
    """Return the remarks and the steps of the review, by time."""
    said = [(note.at, note.author, note.text, "note") for note in review.notes]
    for step in review.steps:
        text = str(step.details.get("why") or step.details.get("note") or "")
        name = speech.name("step", step.kind)
        if verdict := step.details.get("verdict") or step.details.get("former"):
            name += f": {speech.name('verdict', str(verdict))}"
        said.append((step.at, step.by, f"{name}. {text}".strip(), "step"))
    rows = "".join(
        f'<div class="pl-said-{kind}">'
        f"<small>{escape(' · '.join(filter(None, (speech.moment(at), by))))}</small>"
        f'<p dir="auto">{escape(text)}</p></div>'
        for at, by, text, kind in sorted(said, key=lambda one: one[0])
    )
    return f'<div class="pl-discussion">{rows}</div>'
