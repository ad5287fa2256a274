# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bundle's table [bridge], the environment over it, the command line over both."""

import pytest

from device_bridge.settings import SettingsError, load_settings


@pytest.fixture
def bundle(tmp_path):
    def write(text):
        file = tmp_path / "kiosk.toml"
        file.write_text(text)
        return file

    return write


GOOD = """
[sip]
user = "kiosk-wassigny"
[bridge]
socket = "bridge.sock"
data_dir = "bridge"
server_url = "https://guichet.example"
token = "secret"
printer = "from-the-file"
"""


def test_paths_are_relative_to_the_bundle(bundle, tmp_path):
    settings = load_settings(bundle(GOOD), {})

    assert settings.socket == tmp_path / "bridge.sock"
    assert settings.data_dir == tmp_path / "bridge"


def test_the_environment_beats_the_file_and_the_command_line_beats_both(bundle):
    file = bundle(GOOD)
    environment = {"GUICHET_BRIDGE_PRINTER": "from-the-environment"}

    assert load_settings(file, {}).printer == "from-the-file"
    assert load_settings(file, environment).printer == "from-the-environment"
    given = load_settings(file, environment, {"printer": "given", "scanner": None})
    assert (given.printer, given.scanner) == ("given", "")


def test_the_token_is_not_shown(bundle):
    assert "secret" not in repr(load_settings(bundle(GOOD), {}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no table"),
        ("not toml", "is not TOML"),
        ('[bridge]\nsocket = "s"\n', "missing: bridge.data_dir"),
        (GOOD + 'colour = "blue"\n', "unknown key bridge.colour"),
        (GOOD + "cups_port = 0\n", "bridge.cups_port"),
        (GOOD + 'cups_port = "x"\n', "bridge.cups_port cannot be 'x'"),
        (GOOD + "place_seconds = -1\n", "must not be negative"),
        (GOOD.replace("https", "http"), "must be https"),
        (GOOD.replace('token = "secret"', ""), "missing: bridge.token"),
    ],
)
def test_what_is_wrong_is_named(bundle, text, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(bundle(text), {})
