# SPDX-License-Identifier: AGPL-3.0-or-later
"""All that a machine needs to be a kiosk, as one JSON object.

An enrolment is answered with it, and `<kiosk>.guichet` carries it to a machine that has no
line yet. It holds secrets in clear: it is for one machine.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates

from provisioning.bundles.bundle import Access, DeviceNames, Document, bundle_of
from provisioning.directory.credentials import SipSecret
from provisioning.directory.errors import DirectoryError
from provisioning.inventory.plan import Snapshot

# How the machine calls the file in which it keeps the pages' authority.
WEB_CA_FILE = "web-ca.pem"
FILE_SUFFIX = ".guichet"
# The kiosk's own `devices` command names the printer and the scanner.
_CHOSEN_AT_THE_KIOSK = DeviceNames(are_chosen_later=True)


# The suite of those that try a new version first.
PILOT_SUITE = "pilot"


@dataclass(frozen=True)
class Repository:
    """Where kiosks take their packages from, the key of its signature, and the pilots' slugs."""

    uri: str
    suite: str
    key: str
    pilots: frozenset[str] = frozenset()

    def of_kiosk(self, slug: str) -> Document:
        """Give what this kiosk is told; its ring decides the suite."""
        suite = PILOT_SUITE if slug in self.pilots else self.suite
        return {"uri": self.uri, "suite": suite, "key": self.key}


@dataclass(frozen=True)
class RepositoryFiles:
    """A repository whose key is in a file."""

    uri: str
    suite: str
    key_file: Path
    pilots: frozenset[str] = frozenset()

    def read(self) -> Repository:
        """Read the key. Raises DirectoryError."""
        if not self.uri.startswith("https://"):
            raise DirectoryError(
                f"{self.uri}: kiosks take packages by HTTPS alone; give an address such as"
                " https://guichet.example/depot"
            )
        return Repository(self.uri, self.suite, _text_of(self.key_file), self.pilots)


@dataclass(frozen=True)
class SiteFiles:
    """How kiosks reach the site; without `web_ca`, every browser knows its certificate."""

    access: Access
    sip_ca: Path
    web_ca: Path | None = None
    language: str = "fr"
    repository: RepositoryFiles | None = None


def authority_at(path: Path) -> str:
    """Read a certificate authority (PEM). Raises DirectoryError."""
    text = _text_of(path)
    try:
        certificates = load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise DirectoryError(f"{path} holds no certificate: {error}") from error
    if not certificates or "PRIVATE KEY" in text:
        raise DirectoryError(f"{path} must hold certificates, and no key")
    return text


Enrolment = Callable[[SipSecret, Snapshot], Document]


def enrolment_at(site: SiteFiles) -> Enrolment:
    """Give the function that writes an enrolment; all that can fail has been read.

    Raises DirectoryError where a file of the site cannot be used.
    """
    sip, web = authority_at(site.sip_ca), None
    if site.web_ca is not None:
        web = authority_at(site.web_ca)
    repository = site.repository.read() if site.repository else None
    # The pages' authority has a file of its own on the machine.
    access = replace(site.access, ca=site.sip_ca, is_web_public=True)

    def write(secret: SipSecret, directory: Snapshot) -> Document:
        bundle = bundle_of(secret, directory, access, _CHOSEN_AT_THE_KIOSK)
        if web is not None:
            bundle["bridge"]["server_ca_file"] = WEB_CA_FILE
        return {
            "bundle": bundle,
            "authorities": {"sip": sip, "web": web},
            "language": site.language,
            "repository": repository.of_kiosk(secret.slug) if repository else None,
        }

    return write


def file_of(enrolment: Document) -> str:
    """Give the content of `<kiosk>.guichet`."""
    return json.dumps(enrolment, ensure_ascii=False, indent=2) + "\n"


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DirectoryError(f"{path} cannot be read: {error}") from error
