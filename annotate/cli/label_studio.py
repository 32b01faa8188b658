"""Commands `label-studio create`, `adopt`, `push`, `pull`, `status`, `connect` and `serve-webhook`."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.bridges.label_studio.projects import ProjectWish
from annotate.bridges.label_studio.webhook import PATH
from annotate.cli.console import (
    HERE,
    JsonOption,
    Terminal,
    WorkspaceOption,
    open_context,
    out,
    print_json,
    print_table,
)
from annotate.errors import BridgeError
from annotate.jobs import label_studio as job

app = typer.Typer(help="Label in Label Studio: create or adopt a project, push, pull.", no_args_is_help=True)

UrlOption = Annotated[
    str, typer.Option(envvar="PAIRLOOP_LABEL_STUDIO_URL", help="Address of the server; may be left out.")
]
ProjectOption = Annotated[int | None, typer.Option(min=1, help="Number of the project; may be left out.")]
CampaignOption = Annotated[str, typer.Option(help="Campaign whose tasks are labelled there.")]
LanguageOption = Annotated[str, typer.Option(help="Language of the guideline shown there: en or ru.")]
PersonOption = Annotated[
    list[str] | None, typer.Option(help="EMAIL=NAME: a user of the server is this assessor; repeat.")
]


@app.command()
def create(
    url: Annotated[str, typer.Option(envvar="PAIRLOOP_LABEL_STUDIO_URL", help="Address of the server.")],
    workspace: WorkspaceOption = HERE,
    title: Annotated[str, typer.Option(help="Title of the project.")] = "Pairloop",
    campaign: CampaignOption = "default",
    language: LanguageOption = "en",
    person: PersonOption = None,
) -> None:
    """Make a project for a campaign; the token comes from PAIRLOOP_LABEL_STUDIO_TOKEN."""
    wish = ProjectWish(title, language, _people(person))
    link = job.start_project(open_context(workspace), url, wish, campaign=campaign)
    out.print(
        f"{link.base_url}/projects/{link.project} is linked to the campaign {link.campaign}.", markup=False
    )


@app.command()
def adopt(
    project: Annotated[int, typer.Argument(min=1, help="Number of the project.")],
    url: Annotated[str, typer.Option(envvar="PAIRLOOP_LABEL_STUDIO_URL", help="Address of the server.")],
    workspace: WorkspaceOption = HERE,
    campaign: CampaignOption = "default",
    language: LanguageOption = "en",
    person: PersonOption = None,
) -> None:
    """Link a project that is there, when our tasks can be judged under its config."""
    wish = ProjectWish(language=language, people=_people(person))
    link = job.adopt(open_context(workspace), url, project, wish, campaign=campaign)
    out.print(
        f"{link.base_url}/projects/{link.project} is linked to the campaign {link.campaign}.", markup=False
    )


@app.command()
def push(
    workspace: WorkspaceOption = HERE,
    url: UrlOption = "",
    project: ProjectOption = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many tasks.")] = None,
    predictions: Annotated[
        bool, typer.Option("--predictions", help="Renew the predictions of all tasks.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Send the tasks that wait for people, the most urgent first, and hold their places."""
    with Terminal().track("pushing") as progress:
        report = job.push_tasks(
            open_context(workspace),
            job.Place(url, project),
            limit=limit,
            new_opinions=predictions,
            progress=progress,
        )
    if as_json:
        print_json(report)
        return
    out.print(
        f"{report.pushed} tasks pushed, {report.found_again} found there, {report.left_out} left out; "
        f"{report.predictions} predictions, {report.ground_truths} ground truths."
    )


@app.command()
def pull(
    workspace: WorkspaceOption = HERE,
    url: UrlOption = "",
    project: ProjectOption = None,
    full: Annotated[bool, typer.Option("--full", help="Look at all tasks, not only changed ones.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take in what was annotated, changed, passed on or deleted there since the last time."""
    with Terminal().track("pulling") as progress:
        report = job.pull_judgements(
            open_context(workspace), job.Place(url, project), full=full, progress=progress
        )
    if as_json:
        print_json(report)
        return
    out.print(
        f"{report.recorded} judgements recorded, {report.amended} amended, {report.withdrawn} withdrawn, "
        f"{report.skipped} passed on, {report.known} known verdicts; {len(report.refused)} refused."
    )
    for reason in report.refused:
        out.print(f"  {reason}", style="yellow", markup=False)


@app.command()
def status(
    workspace: WorkspaceOption = HERE,
    local: Annotated[bool, typer.Option("--local", help="Ask no server.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the linked projects: tasks, held places and judgements, here and there."""
    found = job.link_status(open_context(workspace), remote=not local)
    if as_json:
        print_json(found)
        return
    columns = ("server", "project", "campaign", "tasks", "held places", "judgements", "tasks there",
               "annotations there", "read up to")  # fmt: skip
    rows = [
        (one.base_url, one.project, one.campaign, one.tasks, one.held_places, one.judgements,
         one.remote_tasks, one.remote_annotations, one.scan)
        for one in found
    ]  # fmt: skip
    print_table("Label Studio", columns, rows)


@app.command()
def connect(
    public_url: Annotated[str, typer.Argument(help="Where the server reaches `serve-webhook`, or the UI.")],
    workspace: WorkspaceOption = HERE,
    url: UrlOption = "",
    project: ProjectOption = None,
) -> None:
    """Let the server send its events here; the secret comes from PAIRLOOP_LABEL_STUDIO_SECRET."""
    number = job.connect(open_context(workspace), job.Place(url, project), public_url)
    out.print(f"webhook {number} sends the events of the project to {public_url}.", markup=False)


@app.command("serve-webhook")
def serve_webhook(
    workspace: WorkspaceOption = HERE,
    url: UrlOption = "",
    project: ProjectOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8502,
) -> None:
    """Receive the server's events; a `pull` now and then picks up those that were lost."""
    import uvicorn

    application = job.webhook_application(open_context(workspace), job.Place(url, project))
    out.print(f"listening on http://{host}:{port}{PATH}", markup=False)
    uvicorn.run(application, host=host, port=port, log_level="warning")


def _people(given: list[str] | None) -> dict[str, str]:
    people = {}
    for pair in given or ():
        address, _, name = pair.partition("=")
        if not address.strip() or not name.strip():
            raise BridgeError(f"--person {pair}: write EMAIL=NAME")
        people[address.strip()] = name.strip()
    return people
