"""Draw what all screens share, then the chosen screen; Streamlit runs this file for every visit."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.errors import PairloopError
from annotate.ui.entrance.handover import hand_over
from annotate.ui.frame import choose_language, current_actor, current_speech, who_is_here
from annotate.ui.markup import escape, plain
from annotate.ui.texts import Speech

HERE = Path(__file__).parent


class Screen(NamedTuple):
    """Place a screen: its part of the menu, its icon, and the right that shows it there."""

    section: str
    icon: str
    permission: Permission


SCREENS = {
    "label": Screen("work", ":material/balance:", Permission.LABEL),
    "progress": Screen("work", ":material/trending_up:", Permission.LABEL),
    "campaigns": Screen("lead", ":material/flag:", Permission.MANAGE_CAMPAIGNS),
    "adjudication": Screen("lead", ":material/gavel:", Permission.REVIEW),
    "quality": Screen("lead", ":material/verified:", Permission.READ_QUALITY),
    "gaps": Screen("lead", ":material/explore:", Permission.READ_QUALITY),
    "data": Screen("lead", ":material/description:", Permission.READ_QUALITY),
    "pairs": Screen("build", ":material/compare_arrows:", Permission.READ_PAIRS),
    "playground": Screen("build", ":material/forum:", Permission.READ_PAIRS),
    "runs": Screen("build", ":material/model_training:", Permission.READ_RUNS),
    "users": Screen("admin", ":material/group:", Permission.MANAGE_USERS),
    "audit": Screen("admin", ":material/history:", Permission.READ_AUDIT),
    "account": Screen("admin", ":material/account_circle:", Permission.LABEL),
}


def main() -> None:
    """Draw the head, the menu and the screen."""
    st.set_page_config("Pairloop", str(HERE / "icon.svg"), layout="wide", initial_sidebar_state=248)
    # Popovers lie outside the element whose scheme Streamlit sets, and would take the browser's.
    scheme = st.context.theme.type or "light dark"
    st.html(f"<style>:root {{ color-scheme: {scheme}; }}\n{_styles()}</style>")
    st.logo(str(HERE / "logo.svg"), size="large", icon_image=str(HERE / "icon.svg"))
    try:
        hand_over()
        actor, speech = current_actor(), current_speech()
        pages = _pages(actor, speech)
        # Our own menu: Streamlit's puts headings into a list, which screen readers stumble over.
        page = st.navigation(list(pages.values()), position="hidden")
        with st.sidebar:
            _draw_menu(pages, speech)
            choose_language(actor, speech)
            who_is_here(actor, speech)
        page.run()
    except PairloopError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _pages(actor: Actor, speech: Speech) -> dict[str, st.Page]:
    """Return the pages; those of others' roles are reachable, too, and refuse by themselves."""
    return {
        name: st.Page(
            HERE / "screens" / f"{name}.py",
            title=speech(f"screen.{name}"),
            icon=screen.icon,
            url_path=name,
            visibility="visible" if actor.may(screen.permission) else "hidden",
        )
        for name, screen in SCREENS.items()
    }


def _draw_menu(pages: dict[str, st.Page], speech: Speech) -> None:
    with st.container(key="menu"):
        last = ""
        for name, page in pages.items():
            if page.visibility == "hidden":
                continue
            section = SCREENS[name].section
            if section != last:
                st.html(f'<h2 class="pl-menu">{escape(speech(f"section.{section}"))}</h2>')
            last = section
            st.page_link(page, width="stretch")


@lru_cache
def _styles() -> str:
    files = [HERE / "style.css", *sorted((HERE / "styles").glob("*.css"))]
    return "\n".join(file.read_text("utf-8") for file in files)


main()
