# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the server grants is looked at before it is believed, and becomes this machine's bundle."""

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from device_bridge.printing.no_printer import NoPrinter
from device_bridge.scanning.no_scanner import NoScanner
from device_bridge.settings import load_settings as load_bridge_settings
from device_bridge.wiring import make_printer, make_scanner
from sip_endpoints.machine.enrolment.grant import (
    Grant,
    GrantMalformed,
    grant_text,
    read_grant,
    read_grant_file,
)
from sip_endpoints.machine.enrolment.local_bundle import local_bundle
from sip_endpoints.machine.enrolment.storing import (
    NotEnrolled,
    forget_grant,
    is_enrolled,
    keep_grant,
    kept_grant,
    write_bundles,
)
from sip_endpoints.machine.session.captions import read_wanted
from sip_endpoints.machine.system.choices import Captions, Choices, Devices, Line
from sip_endpoints.machine.system.places import Places
from sip_endpoints.settings import load_settings
from stage.dated_server import write_certificate
from stage.enrolment_server import granted
from tests.folders import Folders

SITE = "https://guichet.example.fr"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: Folders) -> str:
    now = datetime.now(UTC)
    folder = tmp_path_factory.mktemp("authority")
    file, _ = write_certificate(folder, now, now + timedelta(days=1))
    return file.read_text(encoding="ascii")


@pytest.fixture
def answer(authority: str) -> dict[str, Any]:
    return granted(SITE, authority)


def test_a_grant_that_was_kept_is_the_grant_that_was_given(
    answer: dict[str, Any],
) -> None:
    grant = read_grant(answer)
    assert (grant.slug, grant.site, grant.language) == ("kiosk-guise", SITE, "fr")
    assert read_grant_file(grant_text(grant)) == grant


def test_its_secrets_are_never_shown(answer: dict[str, Any]) -> None:
    assert "a-sip-secret" not in repr(read_grant(answer))


@pytest.mark.parametrize(
    ("table", "key", "value", "said"),
    [
        ("bundle", None, None, "réglages de la borne"),
        ("bundle", "sip", {}, "sip.user"),
        ("bundle", "kiosk", {"slug": "k", "screen_url": SITE}, "kiosk.token"),
        ("bundle", "sip", "all of it", "La table sip"),
        ("bundle", "media", {"camera": {"name": 1}}, "La table media"),
        ("authorities", None, [], "autorités"),
        ("authorities", "sip", None, "autorité d'Asterisk"),
        ("authorities", "web", "no certificate", "n'est pas un certificat"),
        ("authorities", "web", 7, "n'est pas un certificat"),
    ],
)
def test_an_answer_that_is_none_says_what_is_wrong(
    answer: dict[str, Any], table: str, key: str | None, value: Any, said: str
) -> None:
    wrong = copy.deepcopy(answer)
    if key is None:
        wrong[table] = value
    else:
        wrong[table][key] = value
    with pytest.raises(GrantMalformed, match=said):
        read_grant(wrong)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"bundle": {}}'])
def test_a_file_that_is_no_grant_is_refused(text: str) -> None:
    with pytest.raises(GrantMalformed):
        read_grant_file(text)


def test_a_site_in_clear_is_refused(answer: dict[str, Any]) -> None:
    answer["bundle"]["kiosk"]["screen_url"] = "http://guichet.example.fr/borne"
    with pytest.raises(GrantMalformed, match="https"):
        read_grant(answer)


def test_telephone_and_bridge_take_what_is_written(
    answer: dict[str, Any], tmp_path: Path
) -> None:
    places, grant = Places(tmp_path), read_grant(answer)
    keep_grant(grant, places)
    write_bundles(grant, Choices(), places)
    phone = load_settings(places.bundle, "kiosk", {})
    assert phone.sip.secret == "a-sip-secret"
    assert phone.sip.ca_file == places.sip_authority
    assert phone.control.socket == places.phone_socket
    assert phone.bridge is not None and phone.bridge.socket == places.bridge_socket
    bridge = load_bridge_settings(places.bridge_bundle, {})
    assert (bridge.server_url, bridge.token) == (SITE, "an-api-token")
    assert (bridge.printer, bridge.scanner) == ("guichet", "")
    assert bridge.server_ca_file == places.web_authority
    assert places.web_authority.read_text() == grant.web_authority
    assert "a-sip-secret" not in places.bridge_bundle.read_text()
    for secret in (places.grant, places.bundle, places.bridge_bundle):
        assert secret.stat().st_mode & 0o007 == 0


def test_what_was_granted_is_gone_once_the_kiosk_left(
    answer: dict[str, Any], tmp_path: Path
) -> None:
    places, grant = Places(tmp_path), read_grant(answer)
    keep_grant(grant, places)
    write_bundles(grant, Choices(), places)
    assert is_enrolled(places) and kept_grant(places) == grant
    forget_grant(places)
    assert not is_enrolled(places)
    assert list(places.settings.iterdir()) == []
    with pytest.raises(NotEnrolled, match="guichet-kiosk enrol"):
        kept_grant(places)


def test_a_public_certificate_leaves_no_authority_of_the_site(
    answer: dict[str, Any], tmp_path: Path
) -> None:
    places, grant = Places(tmp_path), read_grant(answer)
    write_bundles(grant, Choices(), places)
    write_bundles(replace(grant, web_authority=None), Choices(), places)
    assert not places.web_authority.exists()
    assert load_bridge_settings(places.bridge_bundle, {}).server_ca_file is None


@pytest.mark.parametrize(
    ("devices", "camera", "audio", "printer", "scanner"),
    [
        (Devices(), None, None, "guichet", ""),
        (Devices(camera="HD Webcam"), "HD Webcam", None, "guichet", ""),
        (Devices(camera="none"), "colorbar", None, "guichet", ""),
        (Devices(camera="virtual"), "colorbar", None, "guichet", ""),
        (Devices(microphone="none"), None, "null", "guichet", ""),
        (
            Devices(printer="virtual", scanner="virtual"),
            None,
            None,
            "virtual",
            "virtual",
        ),
        (Devices(scanner="airscan:e0:X"), None, None, "guichet", "airscan:e0:X"),
        (Devices(printer="none"), None, None, "none", ""),
        (Devices(scanner="none"), None, None, "guichet", "none"),
    ],
)
def test_what_was_chosen_here_stands_in_the_bundle(
    answer: dict[str, Any],
    devices: Devices,
    camera: str | None,
    audio: str | None,
    printer: str,
    scanner: str,
) -> None:
    bundle = local_bundle(read_grant(answer), Choices(devices=devices), Places())
    assert bundle["media"].get("camera") == camera
    assert bundle["media"].get("audio") == audio
    assert (bundle["bridge"]["printer"], bundle["bridge"]["scanner"]) == (
        printer,
        scanner,
    )


def test_what_the_line_carries_reaches_the_telephone_where_it_is_known(
    answer: dict[str, Any],
) -> None:
    grant = read_grant(answer)
    assert "line_up_kbps" not in local_bundle(grant, Choices(), Places())["media"]
    media = local_bundle(grant, Choices(line=Line(up_kbps=400)), Places())["media"]
    assert media["line_up_kbps"] == 400 and "line_down_kbps" not in media


def test_a_kiosk_with_neither_printer_nor_scanner_has_a_bridge_that_proves_its_wipes(
    answer: dict[str, Any], tmp_path: Path
) -> None:
    places, grant = Places(tmp_path), read_grant(answer)
    none = Choices(devices=Devices(printer="none", scanner="none"))
    write_bundles(grant, none, places)
    bridge = load_bridge_settings(places.bridge_bundle, {})
    assert bridge.has_screen and bridge.token == "an-api-token"
    # By the bridge's own words for it.
    assert isinstance(make_printer(bridge), NoPrinter)
    assert isinstance(make_scanner(bridge), NoScanner)
    phone = load_settings(places.bundle, "kiosk", {})
    assert phone.bridge is not None and phone.bridge.socket == places.bridge_socket


def test_a_choice_taken_back_leaves_the_server_s_word(
    answer: dict[str, Any], tmp_path: Path
) -> None:
    answer["bundle"]["media"]["camera"] = "colorbar"
    places, grant = Places(tmp_path), read_grant(answer)
    assert isinstance(grant, Grant)
    keep_grant(grant, places)
    write_bundles(grant, Choices(devices=Devices(camera="HD Webcam")), places)
    write_bundles(kept_grant(places), Choices(), places)
    assert load_settings(places.bundle, "kiosk", {}).media.camera == "colorbar"


def test_captions_are_set_up_where_a_folder_is_named_and_gone_where_it_is_not(
    answer: dict[str, Any], tmp_path: Path
) -> None:
    places, grant = Places(tmp_path), read_grant(answer)
    write_bundles(grant, Choices(), places)
    assert not places.captions_bundle.exists()
    assert load_settings(places.bundle, "kiosk", {}).captions is None
    chosen = Choices(captions=Captions(folder="/opt/guichet-captions"))
    write_bundles(grant, chosen, places)
    wanted = read_wanted(places.captions_bundle)
    assert wanted is not None
    assert wanted.folder == Path("/opt/guichet-captions")
    telephone = load_settings(places.bundle, "kiosk", {})
    assert telephone.captions is not None
    assert telephone.captions.socket == wanted.socket == places.captions_socket
    assert telephone.kiosk is not None
    assert wanted.screen_url == telephone.kiosk.screen_url
    # Its service needs no secret, and gets none.
    assert "a-sip-secret" not in places.captions_bundle.read_text()
    write_bundles(grant, Choices(), places)
    assert not places.captions_bundle.exists()
    assert read_wanted(places.captions_bundle) is None
