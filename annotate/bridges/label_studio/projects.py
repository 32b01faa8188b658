"""Create a project for a campaign, or adopt one that is there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.config import check_config, labelling_config, validate_locally
from annotate.bridges.label_studio.links import Link, move_cursor, save_link
from annotate.bridges.label_studio.tasks import instruction
from annotate.errors import BridgeError
from annotate.labelling import GuidelineVersion
from annotate.labelling.campaigns import CampaignView
from annotate.store import Store

SAMPLING = "Uncertainty sampling"
REQUEUE = "REQUEUE_FOR_OTHERS"  # what one passes on goes to another, as in the ledger
MODEL_VERSION = "pairloop-1"


@dataclass(frozen=True)
class ProjectWish:
    """Say what a project is to be like: title, language of its instruction, users who are assessors here."""

    title: str = "Pairloop"
    language: str = "en"
    people: dict[str, str] = field(default_factory=dict)


def create_project(
    store: Store,
    client: LabelStudioClient,
    campaign: CampaignView,
    guideline: GuidelineVersion,
    wish: ProjectWish,
) -> Link:
    """Create a project for a campaign, its config checked here and by the server, and link it."""
    config = labelling_config()
    client.validate_config(config)
    project = client.create_project(
        {
            "title": wish.title,
            "label_config": config,
            "maximum_annotations": campaign.rules.overlap,
            "sampling": SAMPLING,
            "skip_queue": REQUEUE,
            "show_instruction": True,
            "show_collab_predictions": False,  # a machine's verdict would lead the eye
            "expert_instruction": instruction(guideline.in_language(wish.language)),
        }
    )
    return _link(store, client, project, campaign, guideline, wish)


def adopt_project(
    store: Store,
    client: LabelStudioClient,
    project: int,
    campaign: CampaignView,
    guideline: GuidelineVersion,
    wish: ProjectWish,
) -> Link:
    """Link a project that is there, with its own config; give it the guideline and the ordering.

    Raises BridgeError, naming what is missing, when our tasks cannot be judged under its config;
    then the project stays as it is.
    """
    found = client.project(project)
    name = f"{client.base_url}/projects/{project}"
    check_config(str(found["label_config"]), name)
    validate_locally(str(found["label_config"]))
    seats = int(found["maximum_annotations"])
    if seats > max(campaign.rules.overlap, campaign.rules.max_overlap if campaign.rules.dynamic else 0):
        raise BridgeError(
            f"{name} wants {seats} annotations of a task, the campaign {campaign.name} "
            f"{campaign.rules.overlap}; set its overlap to that"
        )
    client.update_project(
        project,
        {
            "sampling": SAMPLING,
            "skip_queue": REQUEUE,
            "expert_instruction": instruction(guideline.in_language(wish.language)),
        },
    )
    return _link(store, client, project, campaign, guideline, wish)


def renew_guideline(store: Store, client: LabelStudioClient, link: Link, guideline: GuidelineVersion) -> Link:
    """Show the current version of the guideline in a project; judgements are made under it from now on."""
    if link.cursor.get("guideline") == guideline.id:
        return link
    text = instruction(guideline.in_language(str(link.cursor.get("language", "en"))))
    client.update_project(link.project, {"expert_instruction": text})
    return move_cursor(store, link, guideline=guideline.id)


def check_project(store: Store, client: LabelStudioClient, link: Link) -> Link:
    """Return the link, brought up to date with the project's overlap.

    Raises BridgeError when somebody changed the config so that our tasks no longer fit.
    """
    found = client.project(link.project)
    config = str(found["label_config"])
    if (digest := _digest(config)) != link.config_hash:
        check_config(config, f"{client.base_url}/projects/{link.project}")
    return save_link(
        store, link.base_url, link.project, link.campaign_id, digest, seats=int(found["maximum_annotations"])
    )


def _link(
    store: Store,
    client: LabelStudioClient,
    project: int,
    campaign: CampaignView,
    guideline: GuidelineVersion,
    wish: ProjectWish,
) -> Link:
    found = client.project(project)
    return save_link(
        store, client.base_url, project, campaign.id, _digest(str(found["label_config"])),
        seats=int(found["maximum_annotations"]), guideline=guideline.id, language=wish.language,
        people={address.lower(): name for address, name in wish.people.items()},
    )  # fmt: skip


def _digest(config: str) -> str:
    return hashlib.sha256(config.encode()).hexdigest()
