"""Take a picture of every screen in both languages: `python docs/screenshots.py [--out FOLDER] [NAME ...]`.

A real server serves workspaces filled as in the tests, and a real Chromium looks at it.
"""

# ruff: noqa: E402, T201 - a script: it finds the repository first, and tells what it wrote

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from picture_workspaces import WORKSPACES
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from annotate.access.accounts import set_language
from annotate.access.sessions import COOKIE, read_session
from tests.annotate.ui.conftest import (
    CHROMIUM,
    FLAGS,
    WAIT_SECONDS,
    Server,
    open_workspace,
    running,
    token_of,
)

LOCALES = {"en": "en-GB", "ru": "ru-RU"}
NAMES = {
    "assessor": {"en": "Emma", "ru": "Вера"},
    "lead": {"en": "Helen", "ru": "Елена"},
    "engineer": {"en": "Martin", "ru": "Павел"},
    "admin": {"en": "Ada", "ru": "Мария"},
}
QUESTION = {
    "en": "When should I choose “both bad”?",
    "ru": "Когда выбирать вердикт «оба плохи»?",
}
COLOURS = 256  # of the palette a picture is reduced to
LARGEST_BYTES = 120_000
LOWEST, TALLEST = 800, 1500  # pixels; the menu needs the lowest


class Shot(NamedTuple):
    """Say what a picture shows: on which workspace, at which path, as whom."""

    name: str
    workspace: str
    path: str
    role: str
    part: int | None = None  # which part of the screen's own switch to turn to
    width: int = 1280
    height: int = 860
    scheme: str = "light"


SHOTS = (
    Shot("sign-in", "desk", "/sign-in", "", height=640),
    Shot("label", "desk", "/label", "assessor"),
    Shot("label-dark", "desk", "/label", "assessor", scheme="dark"),
    Shot("label-phone", "desk", "/label", "assessor", width=390, height=844),
    Shot("campaigns", "desk", "/campaigns", "lead"),
    Shot("adjudication", "desk", "/adjudication", "lead"),
    Shot("data", "desk", "/data", "lead"),
    Shot("pairs", "desk", "/pairs", "engineer"),
    Shot("runs", "desk", "/runs", "engineer"),
    Shot("runs-new", "desk", "/runs", "engineer", part=1),
    Shot("users", "desk", "/users", "admin"),
    Shot("audit", "desk", "/audit", "admin"),
    Shot("account", "desk", "/account", "lead"),
    Shot("playground", "answers", "/playground", "engineer"),
    Shot("progress", "months", "/progress", "lead"),
    Shot("quality", "months", "/quality", "lead"),
    Shot("quality-assessors", "months", "/quality", "lead", part=1),
    Shot("quality-machines", "months", "/quality", "lead", part=5),
    Shot("gaps", "months", "/gaps", "lead"),
)


def main() -> None:
    """Take the pictures that were named, or all."""
    known = {shot.name for shot in SHOTS}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(sorted(known))}")
    parser.add_argument("--out", type=Path, default=HERE / "images", help="the folder for the pictures")
    parser.add_argument("--axe", action="store_true", help="also say what axe finds serious, light and dark")
    asked = parser.parse_args()
    if unknown := set(asked.names) - known:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    shots = [shot for shot in SHOTS if not asked.names or shot.name in asked.names]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for workspace in dict.fromkeys(shot.workspace for shot in shots):
            own = [shot for shot in shots if shot.workspace == workspace]
            with _serving(workspace, Path(folder) / workspace) as server:
                for language in LOCALES:
                    for shot in own:
                        checked = asked.axe and language == "en"
                        _take(browser, server, shot, language, asked.out / language, axe=checked)
        browser.close()


def _serving(name: str, folder: Path) -> Any:
    folder.mkdir()
    WORKSPACES[name](folder)
    return running(folder, open_workspace(folder).store)


def _take(browser: Any, server: Server, shot: Shot, language: str, out: Path, *, axe: bool) -> None:
    for scheme in ("light", "dark") if axe else (shot.scheme,):
        page = _open(browser, server, shot._replace(scheme=scheme), language)
        if axe:
            print(shot.name, language, scheme, *_serious(page), sep="\n  ", flush=True)
        if scheme == shot.scheme:
            out.mkdir(parents=True, exist_ok=True)
            _write(page, out / f"{shot.name}.png", shot)
        page.context.close()


def _open(browser: Any, server: Server, shot: Shot, language: str) -> Page:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        locale=LOCALES[language], color_scheme=shot.scheme, reduced_motion="reduce",
    )  # fmt: skip
    if shot.role:
        token = token_of(server.store, shot.role, NAMES[shot.role][language])
        entry = read_session(server.store, token)
        if entry is not None:
            set_language(server.store, entry.account.id, language)
        context.add_cookies([{"name": COOKIE, "value": token, "url": server.address}])
    page: Page = context.new_page()
    page.set_default_timeout(WAIT_SECONDS * 1000)
    page.goto(server.address + shot.path)
    _settle(page, shot, language)
    return page


def _settle(page: Page, shot: Shot, language: str) -> None:
    """Wait until the screen stands still, and do what its picture needs."""
    if not shot.role:
        page.wait_for_timeout(300)
        return
    _wait(page)
    if shot.name.startswith("label"):
        page.evaluate("document.activeElement?.blur()")
        onward = page.locator(".st-key-entry button[kind=primary]")
        while onward.count() and not page.locator(".pc-question").count():  # the way in: read, and on
            onward.last.click()
            _wait(page)
        page.locator(".pc-question").wait_for()
    if shot.part is not None:
        page.locator("[data-testid=stButtonGroup]").first.locator("button").nth(shot.part).click()
        _wait(page)
    if shot.name == "playground":
        page.locator("textarea").first.fill(QUESTION[language])
        page.locator("[data-testid=stFormSubmitButton] button").click()
        page.locator(".st-key-keep").wait_for(timeout=240_000)
        _wait(page)
    if shot.name == "pairs":
        page.wait_for_timeout(500)
    page.mouse.move(0, 0)


def _wait(page: Page) -> None:
    page.wait_for_timeout(700)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(900)


def _write(page: Page, path: Path, shot: Shot) -> None:
    """Write the page as a picture of few colours, as tall as what it shows."""
    if shot.role and shot.width > 640:
        needed = page.evaluate("document.querySelector('.stMainBlockContainer')?.scrollHeight ?? 0")
        page.set_viewport_size({"width": shot.width, "height": max(LOWEST, min(TALLEST, int(needed) + 20))})
        page.wait_for_timeout(900)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for colours in _fewer(COLOURS):
        image.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            path, optimize=True
        )
        if path.stat().st_size < LARGEST_BYTES:
            break
    print(path, path.stat().st_size, flush=True)


def _fewer(colours: int) -> Iterator[int]:
    while colours >= 8:
        yield colours
        colours //= 2


def _serious(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:4]
    ]


if __name__ == "__main__":
    main()
