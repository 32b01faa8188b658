"""Commands `campaigns list|open|set|pause|resume|close`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from annotate.access.permissions import operator
from annotate.actions.campaigns import change_rules, open_campaign, turn_campaign
from annotate.cli.console import HERE, JsonOption, WorkspaceOption, open_context, out, print_json, print_table
from annotate.errors import LabellingError
from annotate.labelling.campaigns import CampaignState, CampaignView, list_campaigns

app = typer.Typer(
    help="Open, pause and close campaigns of labelling, and set their rules.", no_args_is_help=True
)
Rules = Annotated[
    list[str] | None,
    typer.Argument(metavar="RULE=VALUE", help="Rules, such as overlap=3 or cluster_shares='{\"2\": 0.5}'."),
]


@app.command("list")
def list_them(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """List the campaigns with the rules that differ from the defaults."""
    found = list_campaigns(open_context(workspace).store)
    if as_json:
        print_json([_plain(campaign) for campaign in found])
        return
    rows = [(c.name, c.state, json.dumps(c.rules.write(), ensure_ascii=False), c.seed) for c in found]
    print_table("Campaigns", ("name", "state", "rules", "seed"), rows)


@app.command("open")
def open_one(
    name: str,
    rules: Rules = None,
    workspace: WorkspaceOption = HERE,
    seed: Annotated[int, typer.Option(help="Seed of all that is drawn in it.")] = 0,
) -> None:
    """Open a campaign."""
    opened = open_campaign(open_context(workspace), operator(), name, _read(rules), seed)
    out.print(f"The campaign {opened.name} is {opened.state}.", markup=False)


@app.command("set")
def set_them(name: str, rules: Rules = None, workspace: WorkspaceOption = HERE) -> None:
    """Change rules of a campaign; its tasks open and close to fit."""
    changed = change_rules(open_context(workspace), operator(), name, _read(rules))
    out.print(f"{changed.name}: {json.dumps(changed.rules.write(), ensure_ascii=False)}", markup=False)


@app.command("pause")
def pause(name: str, workspace: WorkspaceOption = HERE) -> None:
    """Hand out nothing of a campaign for now; what is on loan may be submitted."""
    _turn(workspace, name, "paused")


@app.command("resume")
def resume(name: str, workspace: WorkspaceOption = HERE) -> None:
    """Hand out tasks of a campaign again."""
    _turn(workspace, name, "open")


@app.command("close")
def close(name: str, workspace: WorkspaceOption = HERE) -> None:
    """End a campaign; what is on loan may be submitted."""
    _turn(workspace, name, "closed")


def _turn(workspace: Any, name: str, state: CampaignState) -> None:
    changed = turn_campaign(open_context(workspace), operator(), name, state)
    out.print(f"The campaign {changed.name} is {changed.state}.", markup=False)


def _read(rules: list[str] | None) -> dict[str, Any]:
    """Read `rule=value`, the value as JSON where it is that and as text where it is not."""
    found: dict[str, Any] = {}
    for rule in rules or ():
        name, equals, value = rule.partition("=")
        if not equals:
            raise LabellingError(f"{rule}: a rule is written as rule=value")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _plain(campaign: CampaignView) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "state": campaign.state,
        "rules": campaign.rules.write(),
        "seed": campaign.seed,
    }
