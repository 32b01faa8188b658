"""Let people in and out: sign-in, sign-out, invitations, passwords, as plain pages without a script."""

from annotate.ui.entrance.routes import entrance_routes

__all__ = ["entrance_routes"]
