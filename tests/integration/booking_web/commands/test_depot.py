# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the front gives out below /depot/: packages for the real apt, and nothing else."""

from pathlib import Path

import pytest
import requests

from provisioning.asterisk.certificates import ensure_certificates
from provisioning.server.machine import Machine
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.setting_up import ensure_repository
from provisioning.server.repository.store import PILOT, SITE, STABLE, Package, Store
from provisioning.server.work import Work
from stage.waiting import PATIENCE
from tests.folders import Folders
from tests.integration.provisioning.server.repository.packages import (
    NEW,
    WITH_APTLY,
    Apt,
    made_package,
)
from tests.unit.provisioning.server.machines import some_answers

pytestmark = WITH_APTLY


def test_a_kiosk_s_apt_takes_a_version_from_the_site_by_its_ring(
    serve_site, tmp_path: Path, tmp_path_factory: Folders
) -> None:
    # GnuPG's agent listens on a socket there: a short path.
    machine = Machine(root=tmp_path_factory.mktemp("r"))
    ensure_repository(Work(machine, some_answers()))
    places = RepositoryPlaces.of(machine)
    ensure_certificates(tmp_path / "tls", ["127.0.0.1"])
    site = serve_site(
        *("--workers", "1", "--threads", "12"),
        tls=tmp_path / "tls",
        packages=places.folder / "public",
    )
    depot = f"{site.url}/depot"
    pilot, other = (
        Apt(tmp_path / suite, places, suite, depot, site.authority)
        for suite in (PILOT, STABLE)
    )
    # What is not there yet is looked for again.
    assert pilot.versions() == []

    file = made_package(tmp_path, NEW)
    Store(places, machine.programs).add([file])

    assert pilot.versions() == ["0.3.0"]
    assert pilot.fetch("0.3.0") == file.read_bytes()
    assert other.versions() == []
    key = requests.get(
        f"{depot}/guichet.asc", timeout=10 * PATIENCE, verify=site.authority
    )
    assert key.text == places.public_key.read_text()
    assert key.headers["X-Content-Type-Options"] == "nosniff"


def test_a_counsellor_s_pc_takes_our_telephone_by_one_file_of_the_site(
    serve_site, tmp_path: Path, tmp_path_factory: Folders
) -> None:
    """The file says where, what, and whose signature is believed."""
    machine = Machine(root=tmp_path_factory.mktemp("r"))
    ensure_repository(Work(machine, some_answers()))
    places = RepositoryPlaces.of(machine)
    ensure_certificates(tmp_path / "tls", ["127.0.0.1"])
    site = serve_site(tls=tmp_path / "tls", packages=places.folder / "public")
    told = requests.get(
        f"{site.url}/depot/guichet.sources",
        timeout=10 * PATIENCE,
        verify=site.authority,
    ).text
    assert "URIs: https://guichet.example.fr/depot/\n" in told
    sources = told.replace("https://guichet.example.fr", site.url)
    pc = Apt(tmp_path / "pc", places, SITE, "", site.authority, sources)
    telephone = Package("guichet-counsellor", "0.3.0", "amd64")
    Store(places, machine.programs).add([made_package(tmp_path, telephone)], SITE)
    assert pc.versions(telephone.name) == ["0.3.0"]
    assert pc.versions("guichet-kiosk") == []


@pytest.mark.parametrize("path", ["/depot/", "/depot/none.deb", "/depot/../aptly.conf"])
def test_nothing_else_is_given_out(serve_site, tmp_path: Path, path: str) -> None:
    public = tmp_path / "repository" / "public"
    public.mkdir(parents=True)
    (public.parent / "aptly.conf").write_text("of nobody's business")
    site = serve_site("--workers", "1", "--threads", "12", packages=public)
    asked = requests.Request("GET", site.url).prepare()
    # As it is, without the client's own tidying.
    asked.url = site.url + path
    with requests.Session() as session:
        answer = session.send(asked, timeout=10 * PATIENCE)
    assert answer.status_code in (403, 404)
    assert "nobody" not in answer.text
