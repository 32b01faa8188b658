"""Tell how a linked project stands: what was pushed, held, and taken in, here and on the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from annotate.bridges.label_studio.intake import CHANNEL
from annotate.bridges.label_studio.links import Link, linked_ids
from annotate.store import Assessor, Assignment, Judgement, LinkedAnnotation, Store
from annotate.store.ledger import RESERVED


@dataclass(frozen=True)
class LinkStatus:
    """Show one linked project; the numbers of the server are None when it was not asked."""

    base_url: str
    project: int
    campaign: str
    tasks: int
    held_places: int
    judgements: int
    remote_tasks: int | None
    remote_annotations: int | None
    scan: str


def report_link(store: Store, link: Link, project: dict[str, Any] | None) -> LinkStatus:
    """Report on a link; `project` is what the server says of it."""
    with store.reading() as session:
        held = session.scalar(
            select(func.count(Assignment.id))
            .join(Assessor, Assessor.id == Assignment.assessor_id)
            .where(Assessor.name.startswith(f"{link.name}/seat-"), Assignment.state == RESERVED)
        )
        judged = session.scalar(
            select(func.count(func.distinct(LinkedAnnotation.judgement_id)))
            .join(Judgement, Judgement.id == LinkedAnnotation.judgement_id)
            .where(LinkedAnnotation.linked_project_id == link.id, Judgement.channel == CHANNEL)
        )
    cut_off = link.cursor.get("scan")
    return LinkStatus(
        base_url=link.base_url,
        project=link.project,
        campaign=link.campaign,
        tasks=len(linked_ids(store, link)),
        held_places=held or 0,
        judgements=judged or 0,
        remote_tasks=_number(project, "task_number"),
        remote_annotations=_number(project, "total_annotations_number"),
        scan=f"cut off after task {cut_off['after']}" if cut_off else str(link.cursor.get("since", "")),
    )


def _number(project: dict[str, Any] | None, name: str) -> int | None:
    return None if project is None else int(project.get(name) or 0)
