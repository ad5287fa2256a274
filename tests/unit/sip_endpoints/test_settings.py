# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bundles: what is merged, and which sentence a wrong one gets."""

import pytest

from sip_endpoints.settings import SettingsError, load_settings

BUNDLE = """
[sip]
user = "kiosk-wassigny"
display_name = "Guichet virtuel de Wassigny"
secret = "s3cret"
server = "127.0.0.1"
port = 5061
transport = "tls"
ca_file = "ca.pem"
[media]
camera = "colorbar"
[control]
socket = "kiosk.sock"
[kiosk]
slug = "kiosk-wassigny"
screen_url = "https://guichet.example/ecran"
token = "t0ken"
"""


@pytest.fixture
def bundle(tmp_path):
    (tmp_path / "ca.pem").write_text("a certificate")

    def write(text: str = BUNDLE):
        path = tmp_path / "kiosk-wassigny.toml"
        path.write_text(text)
        return path

    return write


def test_the_bundle_of_provisioning_is_read(bundle, tmp_path):
    settings = load_settings(bundle(), "kiosk", {})
    assert settings.sip.user == "kiosk-wassigny"
    assert settings.sip.ca_file == tmp_path / "ca.pem"
    assert settings.control.socket == tmp_path / "kiosk.sock"
    assert settings.media.camera == "colorbar"
    assert settings.kiosk.token == "t0ken"
    assert settings.counsellor is None


def test_nothing_virtual_is_a_default(bundle):
    settings = load_settings(
        bundle(BUNDLE.replace('camera = "colorbar"', "")), "kiosk", {}
    )
    media = settings.media
    assert (media.camera, media.audio, media.display) == ("auto", "auto", "auto")


def test_the_environment_wins_over_the_file_and_the_command_over_both(bundle):
    environment = {
        "GUICHET_MEDIA_CAMERA": "Logitech",
        "GUICHET_MEDIA_WIDTH": "1280",
        "GUICHET_SIP_PORT": "15061",
        "GUICHET_DATABASE_URL": "not ours",
    }
    options = {"media.camera": "auto", "media.audio": None}
    settings = load_settings(bundle(), "kiosk", environment, options)
    assert settings.media.camera == "auto"
    assert settings.media.width == 1280
    assert settings.sip.port == 15061
    assert settings.media.audio == "auto"


def test_secrets_are_not_in_the_text_of_the_settings(bundle):
    text = repr(load_settings(bundle(), "kiosk", {}))
    assert "s3cret" not in text and "t0ken" not in text


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[media]", "[media]\ncolour = 1", "unknown key media.colour"),
        ("[media]", "[medium]\n[media]", "unknown table [medium]"),
        ("[media]", "[counsellor]\n[media]", "unknown table [counsellor]"),
        ('secret = "s3cret"', "", "missing: sip.secret"),
        ('secret = "s3cret"', 'secret = ""', "missing: sip.secret"),
        ('server = "127.0.0.1"', "", "missing: sip.server"),
        ('user = "kiosk-wassigny"', 'user = "a b"', "sip.user cannot be 'a b'"),
        ('"127.0.0.1"', '"h;transport=udp"', "sip.server cannot be"),
        ("port = 5061", 'port = "x"', "sip.port cannot be 'x'"),
        ("port = 5061", "port = true", "sip.port cannot be True"),
        ('transport = "tls"', 'transport = "udp"', "sip.transport cannot be 'udp'"),
        ('"ca.pem"', '"no.pem"', "sip.ca_file: there is no file"),
        ('ca_file = "ca.pem"', "", "one of sip.ca_file and sip.ca is needed"),
        ('"ca.pem"', '"ca.pem"\nca = "PEM"', "and one only"),
        ('camera = "colorbar"', 'display = "x"', "media.display must be one of"),
        ('camera = "colorbar"', 'audio = "x"', "media.audio must be one of"),
        ('camera = "colorbar"', "width = 0", "media.width must lie between"),
        ('camera = "colorbar"', "rtp_port_first = 70000", "media.rtp_port_first must"),
        ('slug = "kiosk-wassigny"', "", "missing: kiosk.slug"),
        ("[sip]", "[sip", "is not TOML"),
        ("[sip]", "sip = 1\n[sup]", "sip"),
    ],
)
def test_a_wrong_bundle_is_refused_by_the_name_of_the_key(bundle, old, new, sentence):
    assert old in BUNDLE
    with pytest.raises(SettingsError) as refused:
        load_settings(bundle(BUNDLE.replace(old, new, 1)), "kiosk", {})
    assert sentence in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_an_unknown_variable_of_our_tables_is_refused(bundle):
    with pytest.raises(SettingsError, match="unknown key media.colour"):
        load_settings(bundle(), "kiosk", {"GUICHET_MEDIA_COLOUR": "1"})


def test_a_missing_bundle_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"cannot read the bundle .*gone\.toml"):
        load_settings(tmp_path / "gone.toml", "kiosk", {})


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("0", False), ("YES", True), ("no", False)]
)
def test_words_of_the_environment_are_taken_as_yes_or_no(bundle, text, expected):
    path = bundle(BUNDLE.split("[kiosk]")[0] + '[counsellor]\nslug = "counsellor-1"\n')
    environment = {
        "GUICHET_COUNSELLOR_AUTO_ANSWER": text,
        "GUICHET_COUNSELLOR_ORGANISATIONS": "msa, caf",
    }
    settings = load_settings(path, "counsellor", environment)
    assert settings.counsellor.auto_answer is expected
    assert settings.counsellor.organisations == ("msa", "caf")


def test_a_kiosk_without_a_table_for_its_bridge_has_no_devices(bundle):
    assert load_settings(bundle(), "kiosk", {}).bridge is None
    environment = {"GUICHET_BRIDGE_SOCKET": "elsewhere.sock"}
    assert load_settings(bundle(), "kiosk", environment).bridge is None


def test_of_the_bridge_a_kiosk_reads_the_socket_alone(bundle, tmp_path):
    table = '[bridge]\nsocket = "bridge.sock"\nprinter = "laser"\n'
    settings = load_settings(
        bundle(BUNDLE + table), "kiosk", {"GUICHET_BRIDGE_OCR": "1"}
    )
    assert settings.bridge.socket == tmp_path / "bridge.sock"
    with pytest.raises(SettingsError, match="bridge.socket"):
        load_settings(bundle(BUNDLE + '[bridge]\nprinter = "laser"\n'), "kiosk", {})
