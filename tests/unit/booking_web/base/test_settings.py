# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings: which source wins, and what is refused."""

from pathlib import Path

import pytest

from booking_web.base.settings import SettingsError, load_settings

FILE = 'database_url = "sqlite:///file.db"\nsecret_key = "from the file"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "guichet.toml"
    path.write_text(FILE)
    return path


def test_the_command_line_wins_over_the_environment_over_the_file(file: Path) -> None:
    environment = {"GUICHET_SECRET_KEY": "from outside", "GUICHET_AMI_PORT": "5099"}
    settings = load_settings(file, environment, ami_port=6000, ami_host=None)
    assert settings.database_url == "sqlite:///file.db"
    assert settings.secret_key == "from outside"
    assert settings.ami_port == 6000
    assert settings.ami_host == "127.0.0.1"
    assert settings.secure_cookies is True


def test_who_needs_no_secret_is_given_none() -> None:
    settings = load_settings(None, {"GUICHET_SITE_URL": "https://x.fr"}, needed=())
    assert (settings.database_url, settings.secret_key) == ("", "")
    assert settings.site_url == "https://x.fr"


@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        ("https://guichet.example", True),
        ("http://127.0.0.1:8000/", True),
        ("guichet.example", False),
        ("https://guichet.example/app", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_sites_address_is_a_scheme_and_a_host(
    file: Path, url: str, is_right: bool
) -> None:
    environment = {"GUICHET_SITE_URL": url}
    if is_right:
        assert load_settings(file, environment).site_url == url
        return
    with pytest.raises(SettingsError, match="site_url"):
        load_settings(file, environment)


@pytest.mark.parametrize(
    ("added", "environment", "complaint"),
    [
        ('colour = "blue"', {}, "unknown key 'colour'"),
        ('ami_port = "5038"', {}, "ami_port must be a int"),
        ('second_factor = "all"', {}, "second_factor must be one of: optional, "),
        ("secure_cookies = 1", {}, "secure_cookies must be a bool"),
        ("= 3", {}, "guichet.toml"),
        ("", {"GUICHET_AMI_PORT": "many"}, "GUICHET_AMI_PORT must be a int"),
        ("", {"GUICHET_SECURE_COOKIES": "perhaps"}, "must be true or false"),
        ("", {"GUICHET_SECRET_KEY": ""}, "secret_key is missing"),
    ],
)
def test_a_wrong_setting_is_named(file, added, environment, complaint) -> None:
    file.write_text(FILE + added)
    with pytest.raises(SettingsError, match=complaint):
        load_settings(file, environment)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere.toml: No such file"):
        load_settings(tmp_path / "nowhere.toml", {})


def test_settings_never_show_a_secret(file: Path) -> None:
    assert "from the file" not in repr(load_settings(file, {}))


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-27T02:30:00", "12"])
def test_the_moment_of_a_restoration_has_its_offset(moment: str) -> None:
    environment = {"GUICHET_DATABASE_URL": "sqlite:///x", "GUICHET_SECRET_KEY": "s"}
    with pytest.raises(SettingsError, match="restored_at"):
        load_settings(None, environment | {"GUICHET_RESTORED_AT": moment})
    whole = environment | {"GUICHET_RESTORED_AT": "2026-11-27T03:30:00+01:00"}
    restored = load_settings(None, whole).restored
    assert restored is not None
    assert restored.isoformat() == "2026-11-27T03:30:00+01:00"
    assert load_settings(None, environment).restored is None
