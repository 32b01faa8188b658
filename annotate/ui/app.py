"""Run the screens: `streamlit run app.py`, with the workspace in PAIRLOOP_WORKSPACE."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from annotate.errors import PairloopError
from annotate.ui.frame import choose_language, current_context, current_speech
from annotate.ui.markup import plain

HERE = Path(__file__).parent
SCREENS = {
    "label": ":material/balance:",
    "progress": ":material/trending_up:",
    "quality": ":material/verified:",
    "gaps": ":material/explore:",
    "runs": ":material/model_training:",
}


def main() -> None:
    """Draw what all screens share, then the chosen screen."""
    st.set_page_config("Pairloop", str(HERE / "icon.svg"), layout="wide", initial_sidebar_state=248)
    st.html(HERE / "style.css")
    st.logo(str(HERE / "logo.svg"), size="large", icon_image=str(HERE / "icon.svg"))
    try:
        context = current_context()
        with st.sidebar:
            choose_language(context.settings.language)
        speech = current_speech()
        pages = [
            st.Page(HERE / "screens" / f"{name}.py", title=speech(f"screen.{name}"), icon=icon, url_path=name)
            for name, icon in SCREENS.items()
        ]
        st.navigation(pages).run()
    except PairloopError as error:
        st.error(plain(str(error)), icon=":material/error:")


main()
