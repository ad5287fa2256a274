# SPDX-License-Identifier: AGPL-3.0-or-later
"""A certification authority of the site's own and the server's certificate.

Kiosks and counsellors trust `ca.pem` alone; whoever has a certificate from elsewhere puts
it in place of `server.pem` and `server.key`, and its authority's in place of `ca.pem`.
"""

import ipaddress
import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFETIME = timedelta(days=3650)
SERVER_LIFETIME = timedelta(days=825)
RENEW_BEFORE = timedelta(days=60)
# A kiosk's clock may be a little behind the server's.
CLOCK_TOLERANCE = timedelta(days=1)


def ensure_certificates(
    directory: Path, names: Sequence[str], *, renew: bool = False
) -> bool:
    """Give `directory` a ca.pem, ca.key, server.pem and server.key that serve `names`.

    `names` are host names or addresses by which endpoints reach the server. What is there
    and good for more than 60 days is kept; the authority is never replaced, so endpoints
    go on trusting a renewed server. Returns whether a server certificate was written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    authority_key, authority = _ensure_authority(directory)
    certificate_file = directory / "server.pem"
    key_file = directory / "server.key"
    if not renew and key_file.exists() and certificate_file.exists():
        if _serves(certificate_file, key_file, authority, names):
            return False
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _sign_server(key, names, authority_key, authority)
    write_private(key_file, _key_pem(key))
    part = certificate_file.with_name(certificate_file.name + ".part")
    part.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    part.replace(certificate_file)
    return True


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, and never half of it.

    One that exists already stays readable by whom it was for.
    """
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        if path.exists():
            before = path.stat()
            os.fchown(descriptor, before.st_uid, before.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
        stream.write(content)
    part.replace(path)


def _ensure_authority(
    directory: Path,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    certificate_file, key_file = directory / "ca.pem", directory / "ca.key"
    if certificate_file.exists() and key_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key_file} is not an elliptic curve key")
        return key, x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("guichet-virtuel, autorité du site")
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_TOLERANCE)
        .not_valid_after(now + AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, _key_pem(key))
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def _serves(
    certificate_file: Path,
    key_file: Path,
    authority: x509.Certificate,
    names: Sequence[str],
) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        if certificate.issuer != authority.subject:
            # The administrator's own certificate: renewing it is theirs.
            return True
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    except ValueError:
        # A power cut has left half of it.
        return False
    if key.public_key() != certificate.public_key():
        # The power was cut between the two files: nobody can serve with them.
        return False
    if certificate.not_valid_after_utc - datetime.now(UTC) < RENEW_BEFORE:
        return False
    served = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    return set(_alternative_names(names)) <= set(served)


def _sign_server(
    key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(names[0]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_TOLERANCE)
        .not_valid_after(min(now + SERVER_LIFETIME, authority.not_valid_after_utc))
        .add_extension(
            x509.SubjectAlternativeName(_alternative_names(names)), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(
                authority_key.public_key()
            ),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )


def _alternative_names(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_alternative_name(name) for name in dict.fromkeys(names)]


def _alternative_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(common_name: str) -> x509.Name:
    # X.520 limits a common name to 64 characters; the alternative names are what counts.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
