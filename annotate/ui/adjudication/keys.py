"""Let keys press buttons from the first moment on, those that are not drawn yet as well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import streamlit as st

from annotate.ui.markup import escape


def listen(buttons: Mapping[str, str]) -> None:
    """Press a button by a key: `buttons` are the keys of our widgets by that of the keyboard (`4`, `m`).

    Keys count by their place on the keyboard, so that they work with a Russian layout as well; a button
    that is not drawn yet is pressed as soon as it is. Draw it before the buttons: this script of our own
    is at work as soon as it stands on the page, which no component is.
    """
    codes = {f"Digit{key}" if key.isdigit() else f"Key{key.upper()}": name for key, name in buttons.items()}
    pads = {f"Numpad{key}": name for key, name in buttons.items() if key.isdigit()}
    told = escape(json.dumps(codes | pads))
    mark = f'<span class="pl-keys" data-buttons="{told}" hidden></span>'
    with st.container(key="keys"):
        st.html(f"{mark}<script>{_script()}</script>", unsafe_allow_javascript=True)


@lru_cache(maxsize=1)
def _script() -> str:
    return (Path(__file__).parent / "keys.js").read_text("utf-8")
