# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the repository: by an installation, or around the key that a backup brought back."""

from dataclasses import dataclass
from typing import Any

from provisioning.server.answers import Answers
from provisioning.server.errors import ServerError
from provisioning.server.repository.places import (
    KEY_FILE,
    OWN_SOURCES,
    PATH,
    PUBLIC,
    RepositoryPlaces,
    readable_by_all,
)
from provisioning.server.repository.signing_key import (
    ensure_signing_key,
    renew_public_key,
)
from provisioning.server.repository.store import SITE, SUITES, Store
from provisioning.server.work import Work

_SOURCES = """# The packages of the site.
Types: deb
URIs: {uri}
Suites: {suite}
Components: main
Signed-By:
{key}
"""
_OWN_SOURCES = """# Written by guichet-server: what was published for this machine.
Types: deb
URIs: file:{folder}
Suites: {suite}
Components: main
Signed-By: {key}
"""


def ensure_repository(work: Work) -> bool:
    """Have the repository there, empty perhaps; tell whether something was made."""
    places, programs = RepositoryPlaces.of(work.machine), work.machine.programs
    places.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    is_new = ensure_signing_key(places, programs)
    is_new = Store(places, programs).ensure() or is_new
    return _tell_apt(work, places) or is_new


def _tell_apt(work: Work, places: RepositoryPlaces) -> bool:
    """Have this machine's apt read the site's suite, and other PCs know how to."""
    text = sources_text(work.answers, places, SITE)
    is_new = not places.sources.exists() or places.sources.read_text() != text
    if is_new:
        with readable_by_all():
            places.sources.write_text(text)
    own = work.machine.path(OWN_SOURCES)
    is_changed = work.write(
        own, _OWN_SOURCES.format(folder=PUBLIC, suite=SITE, key=KEY_FILE)
    )
    # Whoever asks apt for something reads it.
    own.chmod(0o644)
    return is_changed or is_new


def sources_text(answers: Answers, places: RepositoryPlaces, suite: str) -> str:
    """Give what another machine's apt is to read of a suite (sources.list(5)), key and all."""
    key = places.public_key.read_text()
    return _SOURCES.format(
        uri=f"{answers.site_url}{PATH}/",
        suite=suite,
        # As deb822 wants it: each line begins with a blank, and none is empty.
        key="\n".join(f" {line or '.'}" for line in key.splitlines()),
    )


@dataclass(frozen=True)
class RepositoryBack:
    """The repository after a restoration: packages are in no backup."""

    # What kiosks are given: nothing on a bare machine.
    versions: tuple[str, ...] = ()
    trouble: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it for a script."""
        return {
            "versions": list(self.versions),
            "publish_again": not self.versions,
            "trouble": self.trouble or None,
        }

    def in_words(self) -> list[str]:
        """Say what is to be done."""
        if self.trouble:
            return [
                f"! the repository of packages is not there ({self.trouble}): run"
                " guichet-server install"
            ]
        if self.versions:
            return []
        return [
            "Packages are in no backup: kiosks and counsellors' PCs keep the version that"
            " they have, and are given none. Publish again what was published:"
            " guichet-server publish FILE."
        ]


def bring_back_repository(work: Work) -> RepositoryBack:
    """Have the repository there, signed by the key that came back.

    Kiosks read it without a fault while it is empty. What is there of the site before, perhaps
    signed by another key, is signed anew.
    """
    places, programs = RepositoryPlaces.of(work.machine), work.machine.programs
    store, was_signed = Store(places, programs), places.public_key.exists()
    try:
        ensure_repository(work)
        if renew_public_key(places, programs) and was_signed:
            store.sign_again()
        _tell_apt(work, places)
        found = {each.version for suite in SUITES for each in store.packages(suite)}
    except ServerError as error:
        return RepositoryBack(trouble=str(error))
    return RepositoryBack(tuple(sorted(found)))
