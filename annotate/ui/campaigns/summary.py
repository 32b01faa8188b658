"""Say in plain words what the rules of a campaign mean."""

from __future__ import annotations

from annotate.labelling.campaign_rules import CampaignRules
from annotate.ui.texts import Speech


def sum_up(rules: CampaignRules, speech: Speech) -> list[str]:
    """Return one sentence for each thing that somebody should know before opening a campaign."""
    said = [speech("summary.overlap", count=rules.overlap)]
    if rules.dynamic:
        sure = speech.percent(rules.stop_posterior)
        said.append(speech("summary.dynamic", most=rules.max_overlap, sure=sure))
    if rules.gold_share:
        said.append(speech("summary.gold", share=speech.percent(rules.gold_share)))
    if rules.gold_rules:
        said.append(speech("summary.gold_rules", count=len(rules.gold_rules)))
    entrance = [
        speech(f"summary.{name}")
        for name in ("confirm_guideline", "training_required", "exam_required")
        if getattr(rules, name)
    ]
    if entrance:
        said.append(speech("summary.entrance", steps=", ".join(entrance)))
    if rules.skills:
        said.append(speech("summary.skills", skills=", ".join(rules.skills)))
    if rules.daily_limit:
        said.append(speech("summary.daily_limit", count=rules.daily_limit))
    if rules.adjudicate_below:
        said.append(speech("summary.adjudicate", sure=speech.percent(rules.adjudicate_below)))
    if rules.machine_accuracy:
        said.append(speech("summary.machines", share=speech.percent(rules.machine_accuracy)))
    if quotas := len(rules.cluster_shares) + len(rules.language_shares):
        said.append(speech("summary.shares", count=quotas))
    if caps := len(rules.cluster_counts) + len(rules.language_counts):
        said.append(speech("summary.caps", count=caps))
    if budget := rules.label_budget:
        said.append(speech("summary.budget", count=budget))
    said.append(speech("summary.lease", span=speech.span(rules.lease_seconds)))
    return said
