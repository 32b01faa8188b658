"""Site rules and the file they stand in."""

from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.parsers import SiteRules
from rag.parsers.site_rules import load_site_rules, rules_for

TOML = """
[[site]]
host = "docs.example.org"
title = "h1"
content = "div.body"
remove = [".headerlink", "aside"]

[[site]]
host = "example.org"
"""


def test_rules_are_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    file.write_text(TOML, "utf-8")
    assert load_site_rules(file) == (
        SiteRules("docs.example.org", "h1", "div.body", (".headerlink", "aside")),
        SiteRules("example.org"),
    )


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("[[site]]\ntitle = 'h1'\n", "without a host"),
        ("[[site]]\nhost = 'a'\nheading = 'h1'\n", "unknown keys heading; there are content, date"),
        ("[[site]]\nhost = 'a'\ncontent = 'div['\n", "no CSS selector"),
        ("[[site", "no site rules"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, toml: str, reason: str) -> None:
    file = tmp_path / "sites.toml"
    file.write_text(toml, "utf-8")
    with pytest.raises(DocumentError, match=reason):
        load_site_rules(file)
    with pytest.raises(DocumentError, match="no site rules"):
        load_site_rules(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://docs.example.org/a", "docs.example.org"),
        ("https://v2.docs.example.org/a", "docs.example.org"),
        ("https://EXAMPLE.org:8080/", "example.org"),
        ("https://badexample.org/", None),
        ("https://[::1", None),
        ("", None),
    ],
)
def test_the_longest_host_wins(address: str, host: str | None) -> None:
    sites = (SiteRules("example.org"), SiteRules("docs.example.org"))
    found = rules_for(address, sites)
    assert (found.host if found else None) == host
