"""Import the module of a command only when the command is run: help and mistakes answer at once."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class Verb(NamedTuple):
    """Name a command, the `module:name` of what it runs below `annotate.cli`, and its line of help."""

    name: str
    target: str
    help: str

    def load(self) -> Any:
        """Import and return the target: a function, or a `typer.Typer` with commands of its own."""
        module, name = self.target.split(":")
        return getattr(import_module(f"annotate.cli.{module}"), name)


def lazy_group(verbs: Iterable[Verb]) -> type[TyperGroup]:
    """Return a kind of command group that lists verbs by their help and imports the one that is run."""
    known = {verb.name: verb for verb in verbs}

    class LazyGroup(TyperGroup):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.commands = {verb.name: TyperCommand(verb.name, help=verb.help) for verb in known.values()}

        def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
            name, _, rest = super().resolve_command(ctx, args)
            return name, _command(known[name]) if name else None, rest

    return LazyGroup


def _command(verb: Verb) -> Any:
    """Return what typer makes of a verb's function or group."""
    target = verb.load()
    app = typer.Typer(pretty_exceptions_enable=False)
    if isinstance(target, typer.Typer):
        app.add_typer(target, name=verb.name)
    else:
        app.command(verb.name)(target)
    return get_group(app).commands[verb.name]
