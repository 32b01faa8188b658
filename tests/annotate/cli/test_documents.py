"""`pairloop documents`: the list shows names and reasons as they are; what is removed is gone."""

from __future__ import annotations

import json
from pathlib import Path

from tests.annotate.cli.conftest import pairloop

TEA = "Green tea is brewed at eighty degrees for two minutes; boiling water makes its leaves taste bitter. "
FERRY = "The ferry crosses the strait in forty minutes and carries cars, bicycles and two hundred people. "


def listed(workspace: Path) -> dict[str, str]:
    found = json.loads(pairloop("documents", "list", "--json", "-w", workspace).stdout)
    return {item["key"]: item["status"] for item in found}


def test_documents_are_listed_put_back_and_removed(tmp_path: Path) -> None:
    workspace, folder = tmp_path / "ws", tmp_path / "notes"
    assert pairloop("init", workspace).returncode == 0
    folder.mkdir()
    (folder / "tea.md").write_text(TEA * 2)
    (folder / "tea-again.md").write_text(TEA * 2)
    (folder / "[b]a[c]:tea:.md").write_text(FERRY)
    (folder / "empty.md").write_text("")
    assert pairloop("ingest", folder, "-w", workspace).returncode == 0
    status = listed(workspace)
    assert sorted(status.values()) == ["duplicate", "failed", "indexed", "indexed"]

    shown = pairloop("documents", "list", "-w", workspace)
    assert shown.returncode == 0
    assert "[b]a[c]:tea:.md" in shown.stdout

    refused = pairloop("documents", "remove", "notes:tea.md", "notes:none.md", "-w", workspace)
    assert refused.returncode == 1
    assert "notes:none.md" in refused.stderr
    assert listed(workspace) == status

    original = next(key for key in ("notes:tea.md", "notes:tea-again.md") if status[key] == "indexed")
    assert "1 removed" in pairloop("documents", "remove", original, "-w", workspace).stdout
    left = listed(workspace)
    assert original not in left
    assert sorted(left.values()) == ["failed", "indexed", "indexed"], "its duplicate takes its place"

    assert pairloop("documents", "remove", "--collection", "none", "-w", workspace).returncode == 1
    assert pairloop("documents", "remove", "-w", workspace).returncode == 1
    assert pairloop("documents", "remove", "--collection", "notes", "-w", workspace).returncode == 0
    assert listed(workspace) == {}
