"""Command `ui`: serve the screens and the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.console import HERE, WorkspaceOption, open_context, out

PORT = 8501


def ui(
    workspace: WorkspaceOption = HERE,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = PORT,
    address: Annotated[
        str, typer.Option(help="Address to listen on; this machine alone by default.")
    ] = "127.0.0.1",
    host: Annotated[list[str] | None, typer.Option(help="Name by which browsers reach the server.")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy that ends TLS stands before the server.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Serve other addresses without TLS all the same.")
    ] = False,
) -> None:
    """Serve the screens and the API; the first start prints an administrator's one-time password."""
    start(workspace, port, address=address, hosts=tuple(host or ()), behind_proxy=behind_proxy, force=force)


def start(
    workspace: Path,
    port: int,
    *,
    address: str = "127.0.0.1",
    hosts: tuple[str, ...] = (),
    behind_proxy: bool = False,
    force: bool = False,
) -> None:
    """Make the first administrator where there is none, say where the screens are, and serve them."""
    from annotate.actions.users import FIRST_ADMIN, make_first_admin
    from annotate.ui.server import check_exposure, check_port, serve

    check_exposure(address, hosts, behind_proxy=behind_proxy, force=force)
    check_port(address, port)
    password = make_first_admin(open_context(workspace))
    place = f"https://{hosts[0]}" if behind_proxy else f"http://{hosts[0] if hosts else address}:{port}"
    out.print(f"Screens: {place} (stop with Ctrl-C)", markup=False, soft_wrap=True)
    if password is not None:
        out.print(f"First start: sign in as {FIRST_ADMIN} with the one-time password", markup=False)
        out.print(f"    {password}", markup=False, style="bold")
        out.print("It is not shown again; `pairloop users reset-password admin` makes another.", markup=False)
    serve(workspace, port, address=address, hosts=hosts, behind_proxy=behind_proxy, force=force)
