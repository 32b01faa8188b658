"""Settings: the file, the environment over it, and errors that name file and key."""

from pathlib import Path

import pytest

from annotate.errors import SettingsError
from annotate.settings import SETTINGS_FILE, Settings, Workspace, load_settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("PAIRLOOP_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / SETTINGS_FILE).write_text("", "utf-8")
    return tmp_path


def load(folder: Path, text: str) -> Settings:
    (folder / SETTINGS_FILE).write_text(text, "utf-8")
    return load_settings(folder / SETTINGS_FILE)


def test_an_empty_file_means_the_defaults(folder: Path) -> None:
    settings = load(folder, "")
    assert settings.language == "en"
    assert settings.labelling.overlap == 2
    assert [contender.name for contender in settings.contenders] == ["grounded", "free"]


def test_the_file_is_read(folder: Path) -> None:
    settings = load(
        folder,
        'language = "ru"\n[labelling]\noverlap = 3\n'
        '[[contenders]]\nname = "мой"\npassages = 5\n[[contenders]]\nname = "other"\n',
    )
    assert (settings.language, settings.labelling.overlap) == ("ru", 3)
    assert settings.labelling.lease_seconds == 1800
    assert [(one.name, one.passages) for one in settings.contenders] == [("мой", 5), ("other", 3)]


def test_the_environment_is_stronger_than_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIRLOOP_LABELLING__OVERLAP", "5")
    monkeypatch.setenv("PAIRLOOP_LANGUAGE", "ru")
    monkeypatch.setenv("PAIRLOOP_API_KEY", "a secret that is no setting")
    settings = load(folder, 'language = "en"\n[labelling]\noverlap = 3\nlease_seconds = 60\n')
    assert (settings.language, settings.labelling.overlap) == ("ru", 5)
    assert settings.labelling.lease_seconds == 60
    assert "secret" not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour = 1", "colour"),
        ("[labeling]\noverlap = 2", "labeling"),
        ("[labelling]\noverlaps = 2", "labelling.overlaps"),
        ("[labelling]\noverlap = 0", "labelling.overlap"),
        ('[labelling]\noverlap = "two"', "labelling.overlap"),
        ('language = "de"', "language"),
        ("[selection]\naudit_share = 1.5", "selection.audit_share"),
        ("[[contenders]]\npassages = 2", "contenders.0.name"),
        ("store = 3", "store"),
        ('[embedding_endpoint]\napi_key = "a secret that must not stand here"', "embedding_endpoint.api_key"),
    ],
)
def test_a_wrong_key_or_value_is_an_error_naming_file_and_key(folder: Path, text: str, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(folder, text)
    message = str(caught.value)
    assert str(folder / SETTINGS_FILE) in message
    assert key in message
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"language = ", b"[labelling", b"\xff\xfe\x00", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_an_error_naming_it(folder: Path, content: bytes) -> None:
    file = folder / SETTINGS_FILE
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"pairloop\.toml: not valid TOML") as caught:
        load_settings(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("PAIRLOOP_LABELLING__OVERLAP", "many", "labelling.overlap"),
        ("PAIRLOOP_LABELLING__OVERLAPS", "2", "labelling.overlaps"),
        ("PAIRLOOP_CONTENDERS", "no json", "contenders"),
        ("PAIRLOOP_STORE", "{", "store"),
    ],
)
def test_a_wrong_environment_is_an_error_naming_the_key(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, key: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=key) as caught:
        load(folder, "")
    assert "\n" not in str(caught.value)


def test_a_folder_without_settings_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"pairloop init {tmp_path.name}"):
        Workspace.open(tmp_path)
    with pytest.raises(SettingsError, match="no workspace"):
        Workspace.open(tmp_path / "missing")


def test_a_workspace_knows_its_places(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    workspace = Workspace.open(folder)
    assert workspace.database_url == f"sqlite:///{folder / 'pairloop.db'}"
    assert workspace.models == folder / "cache" / "pairloop" / "models"
    assert {path.name for path in workspace.guidelines.iterdir()} >= {"en", "ru"}
    (folder / SETTINGS_FILE).write_text(
        '[store]\nurl = "postgresql+psycopg://u@h/d"\n[models]\nfolder = "~/weights"\n'
        '[labelling]\nguidelines = "/srv/guidelines"\n'
    )
    other = Workspace.open(folder)
    assert other.database_url == "postgresql+psycopg://u@h/d"
    assert other.models == Path.home() / "weights"
    assert other.guidelines == Path("/srv/guidelines")
