# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site's certificates: trusted, named, renewed in time, the authority kept."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provisioning.asterisk import certificates
from provisioning.asterisk.certificates import ensure_certificates

NAMES = ("sip.guichet.example", "127.0.0.1", "::1")


def certificate_of(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_the_server_is_certified_for_its_names_by_the_sites_authority(
    tmp_path: Path,
) -> None:
    assert ensure_certificates(tmp_path, NAMES) is True
    server = certificate_of(tmp_path / "server.pem")
    server.verify_directly_issued_by(certificate_of(tmp_path / "ca.pem"))
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["sip.guichet.example"]
    addresses = names.get_values_for_type(x509.IPAddress)
    assert [str(address) for address in addresses] == ["127.0.0.1", "::1"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")


def test_a_good_certificate_is_kept(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, NAMES)
    before = (tmp_path / "server.pem").read_bytes()
    assert ensure_certificates(tmp_path, NAMES[1:]) is False
    assert (tmp_path / "server.pem").read_bytes() == before


def test_a_new_name_is_certified_by_the_same_authority(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, NAMES)
    authority = (tmp_path / "ca.pem").read_bytes()
    assert ensure_certificates(tmp_path, [*NAMES, "new.guichet.example"]) is True
    assert (tmp_path / "ca.pem").read_bytes() == authority


def test_a_certificate_that_ends_soon_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "SERVER_LIFETIME", timedelta(days=59))
    ensure_certificates(tmp_path, NAMES)
    monkeypatch.undo()
    soon = certificate_of(tmp_path / "server.pem").not_valid_after_utc
    assert ensure_certificates(tmp_path, NAMES) is True
    assert certificate_of(tmp_path / "server.pem").not_valid_after_utc > soon


def test_the_administrators_own_certificate_is_left_alone(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, NAMES)
    key = ec.generate_private_key(ec.SECP256R1())
    somebody = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Another authority")])
    authority = certificate_of(tmp_path / "ca.pem")
    own = (
        x509.CertificateBuilder()
        .subject_name(somebody)
        .issuer_name(somebody)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(authority.not_valid_before_utc)
        .not_valid_after(authority.not_valid_after_utc)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    (tmp_path / "server.pem").write_bytes(own)
    assert ensure_certificates(tmp_path, ["elsewhere.example"]) is False
    assert (tmp_path / "server.pem").read_bytes() == own


def test_a_certificate_that_a_power_cut_left_half_is_made_anew(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, ["guichet.example"])
    file = tmp_path / "server.pem"
    file.write_bytes(file.read_bytes()[:100])
    assert ensure_certificates(tmp_path, ["guichet.example"])
    assert not ensure_certificates(tmp_path, ["guichet.example"])


def test_a_key_without_its_certificate_is_replaced_with_it(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, ["guichet.example"])
    before = (tmp_path / "server.pem").read_bytes()
    ensure_certificates(tmp_path, ["guichet.example"], renew=True)
    # The plug was pulled after the new key was written, and before its certificate.
    (tmp_path / "server.pem").write_bytes(before)
    assert ensure_certificates(tmp_path, ["guichet.example"])
    assert not ensure_certificates(tmp_path, ["guichet.example"])
