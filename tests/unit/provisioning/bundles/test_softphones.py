# SPDX-License-Identifier: AGPL-3.0-or-later
"""What softphones are told: complete, and no name can say more than a name."""

import hashlib
import xml.etree.ElementTree as ET

import pytest

from provisioning.bundles.baresip import (
    baresip_files,
    mode_of,
)
from provisioning.bundles.linphone import NAMESPACE, linphone_xml
from provisioning.bundles.softphone import (
    KNOWN_AUTHORITIES,
    SoftphoneServer,
    SoftphoneSettings,
    link_address,
    own_authority,
    settings_as_lines,
)
from provisioning.database.models import SipTransport
from provisioning.directory.credentials import SipSecret, sip_password_digest
from provisioning.directory.errors import DirectoryError

SLUG, SECRET = "counsellor-msa-1", "a-secret-of-the-tests"
OWN = SoftphoneServer("sip.example", 5061, 5060, "PEM\n")
PUBLIC = SoftphoneServer("sip.example")


def settings_of(
    server: SoftphoneServer = OWN,
    transport: SipTransport = SipTransport.TLS,
    name: str = "Mme Leroy",
    may_be_in_clear: bool = False,
) -> SoftphoneSettings:
    """Give the settings of one counsellor."""
    return SoftphoneSettings(
        SLUG, name, server, transport, may_be_in_clear, secret=SECRET
    )


def linphone(settings: SoftphoneSettings) -> dict[str, dict[str, str]]:
    """Read what Linphone would."""
    root = ET.fromstring(linphone_xml(settings))
    for element in root.iter():
        # The three elements and the two attributes that liblinphone's reader knows.
        assert element.tag.removeprefix(f"{{{NAMESPACE}}}") in (
            "config",
            "section",
            "entry",
        )
        assert set(element.attrib) <= {"name", "overwrite"}
    return {
        section.attrib["name"]: {
            each.attrib["name"]: each.text or "" for each in section
        }
        for section in root
    }


def config(settings: SoftphoneSettings) -> list[str]:
    """Give the lines of baresip's `config`."""
    return baresip_files(settings)["config"].decode().splitlines()


def test_linphones_digest_is_the_one_that_asterisk_has() -> None:
    stored = sip_password_digest(SipSecret(SLUG, SECRET), with_md5=True)
    told = linphone(settings_of())
    assert f"MD5:{told['auth_info_0']['ha1']}" == stored.split(",")[0]
    text = f"{SLUG}:asterisk:{SECRET}".encode()
    assert told["auth_info_0"]["ha1"] == hashlib.md5(text).hexdigest()
    assert SECRET not in linphone_xml(settings_of()).decode()


def test_linphone_sends_codes_by_info_shows_pictures_and_forgets_its_link() -> None:
    told = linphone(settings_of())
    assert (told["sip"]["use_info"], told["sip"]["use_rfc2833"]) == ("1", "0")
    assert told["video"]["automatically_accept"] == "1"
    assert [told[f"video_codec_{n}"]["mime"] for n in (0, 1)] == ["VP8", "H264"]
    assert told["misc"] == {"transient_provisioning": "1"}


@pytest.mark.parametrize(
    ("transport", "port", "encryption", "opened"),
    [
        (SipTransport.TLS, 5061, "srtp", "sip_tls_port"),
        (SipTransport.TCP, 5060, "none", "sip_tcp_port"),
        (SipTransport.UDP, 5060, "none", "sip_port"),
    ],
)
def test_linphone_uses_one_transport_and_listens_on_no_other(
    transport, port, encryption, opened
) -> None:
    told = linphone(settings_of(transport=transport, may_be_in_clear=True))
    address = f"<sip:sip.example:{port};transport={transport}>"
    assert told["proxy_0"]["reg_proxy"] == address
    assert told["sip"]["media_encryption"] == encryption
    assert told["sip"]["media_encryption_mandatory"] == "0"
    ports = {key: told["sip"][key] for key in told["sip"] if key.endswith("_port")}
    closed = {"sip_port": "0", "sip_tcp_port": "0", "sip_tls_port": "0"}
    assert ports == closed | {opened: "-1"}


def test_who_must_be_encrypted_is_told_so() -> None:
    must = settings_of()
    assert linphone(must)["sip"]["media_encryption_mandatory"] == "1"
    assert ";mediaenc=srtp-mand\n" in baresip_files(must)["accounts"].decode()
    assert dict(settings_as_lines(must))["media_encryption"] == "SRTP, mandatory"
    may = settings_of(may_be_in_clear=True)
    assert ";mediaenc=srtp\n" in baresip_files(may)["accounts"].decode()
    assert dict(settings_as_lines(may))["media_encryption"] == "SRTP, optional"
    clear = settings_of(transport=SipTransport.UDP, may_be_in_clear=True)
    assert "mediaenc" not in baresip_files(clear)["accounts"].decode()
    assert dict(settings_as_lines(clear))["media_encryption"] == "none"


def test_a_public_authority_is_left_to_the_softphone() -> None:
    assert linphone(settings_of())["sip"]["root_ca"] == KNOWN_AUTHORITIES
    assert "root_ca" not in linphone(settings_of(PUBLIC))["sip"]
    assert "sip_cafile ca.pem" in config(settings_of())
    assert f"sip_cafile {KNOWN_AUTHORITIES}" in config(settings_of(PUBLIC))
    assert "ca.pem" not in baresip_files(settings_of(PUBLIC))
    for server in (OWN, PUBLIC):
        assert "sip_verify_server yes" in config(settings_of(server))
        assert linphone(settings_of(server))["sip"]["verify_server_certs"] == "1"


def test_what_everybody_knows_is_no_authority_of_the_sites_own(tmp_path) -> None:
    assert own_authority(None) is own_authority("") is None
    assert own_authority(KNOWN_AUTHORITIES) is None
    (tmp_path / "ca.pem").write_text("PEM\n")
    assert own_authority(str(tmp_path / "ca.pem")) == "PEM\n"
    with pytest.raises(OSError):
        own_authority(str(tmp_path / "none.pem"))


@pytest.mark.parametrize(
    "name",
    ['x" <sip:evil@example>;auth_pass=y', "a\nmodule evil.so", "<>;\\", "É, À & Ö"],
)
def test_a_name_says_no_more_than_a_name(name) -> None:
    settings = settings_of(name=name)
    account = baresip_files(settings)["accounts"].decode()
    assert account.count("\n") == 1 and account.count("<") == 1
    assert account.startswith(f'"{settings.quoted_name}" <sip:{SLUG}@sip.example:5061;')
    assert settings.quoted_name.isprintable()
    assert not set(settings.quoted_name) & set('"\\<>;')
    identity = linphone(settings)["proxy_0"]["reg_identity"]
    assert identity == f'"{settings.quoted_name}" <sip:{SLUG}@sip.example>'


def test_baresips_secret_lies_in_a_file_of_its_owner_alone() -> None:
    files = baresip_files(settings_of())
    assert {name: mode_of(name) for name in files} == {
        "accounts": 0o600,
        "config": 0o600,
        "contacts": 0o600,
        "ca.pem": 0o600,
        "start": 0o700,
    }
    holders = [name for name, content in files.items() if SECRET.encode() in content]
    assert holders == ["accounts"]
    account = files["accounts"].decode()
    for option in ("dtmfmode=info", "mediaenc=srtp", "video_codecs=vp8"):
        assert f";{option}" in account
    clear = settings_of(transport=SipTransport.UDP, may_be_in_clear=True)
    account = baresip_files(clear)["accounts"].decode()
    assert "mediaenc" not in account and "sip.example:5060;transport=udp" in account


def test_a_transport_that_the_site_does_not_open_is_an_error() -> None:
    with pytest.raises(DirectoryError, match="--sip-port"):
        PUBLIC.port_of(SipTransport.UDP)
    assert PUBLIC.transports == (SipTransport.TLS,)
    assert OWN.transports == (SipTransport.TLS, SipTransport.TCP, SipTransport.UDP)


def test_settings_show_no_secret_but_where_they_are_told() -> None:
    settings = settings_of()
    assert SECRET not in repr(settings)
    assert dict(settings_as_lines(settings))["password"] == SECRET
    assert link_address("https://guichet.example/", "t") == (
        "https://guichet.example/telephone/t"
    )
