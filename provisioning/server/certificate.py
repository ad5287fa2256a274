# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server's certificate: the site's own, one of an ACME authority, or files that are given.

What is renewed is told to the front and to Asterisk, which take it without ending a call.
"""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from provisioning.asterisk.certificates import ensure_certificates, write_private
from provisioning.server.answers import Answers, CertificateAnswers, is_address
from provisioning.server.errors import ServerError
from provisioning.server.files import protect
from provisioning.server.machine import Machine
from provisioning.server.programs import ProgramFailed
from provisioning.server.units import ASTERISK, FRONT
from provisioning.server.work import Work

KNOWN_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
# In the folder of certificates: who vouches for one from elsewhere.
GIVEN_AUTHORITY = "authority.pem"
ACME_FOLDER = "/etc/letsencrypt/live"
CHALLENGES = "/var/lib/guichet-challenges"
RENEW_COMMAND = "/usr/bin/guichet-server renew-certificate"
# What a timer runs each day.
RENEWAL = "guichet-certificate.service"


def certificate_in_use(machine: Machine) -> x509.Certificate:
    """Give the server's certificate; raises ServerError."""
    return _read(machine.layout.tls / "server.pem")


def has_certificate_of_another(machine: Machine) -> bool:
    """Tell whether the certificate in use is not signed by the site's own authority."""
    server, authority = (machine.layout.tls / name for name in ("server.pem", "ca.pem"))
    if not (server.exists() and authority.exists()):
        return False
    try:
        _read(server).verify_directly_issued_by(_read(authority))
    except (ValueError, TypeError, InvalidSignature):
        return True
    return False


def authority_for_kiosks(machine: Machine, certificate: CertificateAnswers) -> Path:
    """Give the file of the authorities that vouch for the server to a telephone."""
    if certificate.kind == "own":
        return machine.layout.tls / "ca.pem"
    if certificate.authority:
        return machine.layout.tls / GIVEN_AUTHORITY
    # An ACME authority changes its roots: telephones trust all that browsers know.
    return machine.path(KNOWN_AUTHORITIES)


def authority_for_browsers(
    machine: Machine, certificate: CertificateAnswers
) -> Path | None:
    """Give the file of who vouches for the pages; None: whom every browser knows."""
    found = authority_for_kiosks(machine, certificate)
    return None if found == machine.path(KNOWN_AUTHORITIES) else found


def take_given_certificate(
    machine: Machine, certificate: CertificateAnswers
) -> list[Path]:
    """Put the certificate from elsewhere in place, where there is one and it differs."""
    changed = _take_authority(machine, certificate.authority)
    if certificate.kind == "files" and certificate.certificate and certificate.key:
        changed += _take(machine, certificate.certificate, certificate.key)
    return changed


def see_to_certificate(work: Work) -> bool:
    """Obtain it where an ACME authority signs; have it renewed once, as by the timer.

    A unit sees less of the machine than who installs it. Raises ServerError.
    """
    is_new = obtain_from_acme(work)
    try:
        work.machine.programs.run("systemctl", "start", RENEWAL)
    except ProgramFailed as error:
        raise ServerError(
            "the certificate cannot be renewed as it will be each day; see why:"
            " guichet-server logs --unit certificate. Files of your own must lie where a"
            " service may read them, such as /etc/ssl; not in /tmp"
        ) from error
    return is_new


def obtain_from_acme(work: Work) -> bool:
    """Have the ACME authority sign for the server's names, by the front's port 80."""
    answers = work.answers
    if answers.certificate.kind != "acme":
        return False
    folder = _acme_folder(work.machine, answers)
    served = (folder / "fullchain.pem").exists() and _names(folder / "fullchain.pem")
    is_asked = not served or not set(_acme_names(answers)) <= served
    if is_asked:
        work.machine.programs.run(*_certbot(answers))
    # certbot has run the same already, where it was asked.
    return renew(work.machine, answers) or is_asked


def renew(machine: Machine, answers: Answers) -> bool:
    """Take a certificate that was renewed, or renew the site's own in its last 60 days.

    Front and Asterisk read it anew. Tells whether there was a new one.
    """
    tls = machine.layout.tls
    certificate = answers.certificate
    if certificate.kind == "acme":
        folder = _acme_folder(machine, answers)
        taken = _take(machine, folder / "fullchain.pem", folder / "privkey.pem")
        is_new = bool(taken)
    elif certificate.kind == "files":
        is_new = bool(take_given_certificate(machine, certificate))
    else:
        is_new = ensure_certificates(tls, answers.names)
    if is_new:
        protect(machine)
        tell_readers(machine)
    return is_new


def tell_readers(machine: Machine) -> None:
    """Have the front and Asterisk read the certificate anew, where they run."""
    if machine.is_active(FRONT):
        machine.programs.run("systemctl", "reload", FRONT)
    if machine.is_active(ASTERISK):
        machine.asterisk("module reload res_pjsip.so")


def _certbot(answers: Answers) -> list[str]:
    certificate = answers.certificate
    names = [word for name in _acme_names(answers) for word in ("--domain", name)]
    elsewhere = (
        ["--server", certificate.directory_url] if certificate.directory_url else []
    )
    return [
        *("certbot", "certonly", "--non-interactive", "--agree-tos", "--keep"),
        *("--email", str(certificate.email), "--cert-name", answers.name, "--expand"),
        *("--webroot", "--webroot-path", CHALLENGES, *names, *elsewhere),
        *("--deploy-hook", RENEW_COMMAND),
    ]


def _acme_names(answers: Answers) -> list[str]:
    # An address is served by the name that leads to it: authorities sign for names.
    return [name for name in answers.names if not is_address(name)]


def _acme_folder(machine: Machine, answers: Answers) -> Path:
    return machine.path(ACME_FOLDER) / answers.name


def _take(machine: Machine, certificate: Path, key: Path) -> list[Path]:
    """Put both in place where they differ; nothing is changed unless they fit."""
    tls = machine.layout.tls
    pairs = [(key, tls / "server.key"), (certificate, tls / "server.pem")]
    wanted = {target: _content(source) for source, target in pairs}
    changed = [
        target
        for target, content in wanted.items()
        if not target.exists() or target.read_bytes() != content
    ]
    if changed:
        _check_pair(certificate, key)
        tls.mkdir(parents=True, exist_ok=True)
        for target in changed:
            write_private(target, wanted[target])
    return changed


def _take_authority(machine: Machine, authority: Path | None) -> list[Path]:
    """Keep a copy of the authority where kiosks' files are made; drop one of before."""
    target = machine.layout.tls / GIVEN_AUTHORITY
    if authority is None:
        target.unlink(missing_ok=True)
        return []
    content = _content(authority)
    _read(authority)
    if target.exists() and target.read_bytes() == content:
        return []
    target.parent.mkdir(parents=True, exist_ok=True)
    write_private(target, content)
    return [target]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ServerError(
            f"the certificate's file {file}: {error.strerror}; correct [certificate] in"
            " the answers"
        ) from error


def _check_pair(certificate_file: Path, key_file: Path) -> None:
    certificate = _read(certificate_file)
    try:
        key = serialization.load_pem_private_key(_content(key_file), None)
    except (ValueError, TypeError) as error:
        raise ServerError(f"{key_file} is no key without a password (PEM)") from error
    if key.public_key() != certificate.public_key():
        raise ServerError(f"{key_file} is not the key of {certificate_file}")
    if certificate.not_valid_after_utc < datetime.now(UTC):
        raise ServerError(f"{certificate_file} has ended: have it renewed")


def _names(file: Path) -> set[str]:
    extension = _read(file).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return set(extension.value.get_values_for_type(x509.DNSName))


def _read(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except OSError as error:
        raise ServerError(
            f"{file}: {error.strerror}; run guichet-server install"
        ) from error
    except ValueError as error:
        raise ServerError(f"{file} is no certificate (PEM): {error}") from error
