# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk reaches the server and nothing else: Debian's packages come by the server.

Nor does the server's host see an archive: the counsellor's PC plays Debian's, with a package that
nobody else has.
"""

from stage.hosts.archives import fetch
from stage.hosts.faults.ground import Ground
from stage.hosts.faults.server_says import failed_checks
from stage.hosts.host_set import SITE

ANSWERS, SOURCES = "/etc/guichet/server.toml", "/etc/apt/sources.list"
TRIED = "guichet-tried"
INSTALL_SECONDS = 300.0
_ARCHIVE = f"""\
set -eu
mkdir -p /srv/archive/debian/tried/tree/DEBIAN && cd /srv/archive/debian/tried
cat >tree/DEBIAN/control <<CONTROL
Package: {TRIED}
Version: 1.0
Architecture: all
Maintainer: nobody <nobody@example.invalid>
Description: a package that came a long way
CONTROL
dpkg-deb --root-owner-group --build tree {TRIED}_1.0_all.deb
rm -r tree
{{
    dpkg-deb --field {TRIED}_1.0_all.deb
    printf 'Filename: ./%s\\nSize: %s\\n' {TRIED}_1.0_all.deb "$(stat --format=%s *.deb)"
    printf 'SHA256: %s\\n' "$(sha256sum *.deb | cut -d' ' -f1)"
}} >Packages
cat >Release <<RELEASE
Origin: Debian
Label: Debian-Security
Suite: stable-security
Codename: trixie-security
Date: $(date --utc '+%a, %d %b %Y %T UTC')
SHA256:
 $(sha256sum Packages | cut -d' ' -f1) $(stat --format=%s Packages) Packages
RELEASE
mkdir -p /srv/archive/debian-security/dists/trixie-security
cp Release /srv/archive/debian-security/dists/trixie-security/InRelease
systemd-run --quiet --unit=archive --working-directory=/srv/archive python3 -m http.server 80
"""


def kiosk_without_internet(ground: Ground) -> None:
    """A kiosk whose apt names the server alone is given Debian's packages, twice from afar."""
    server, kiosk = ground.server, ground.kiosk
    far = ground.hosts.host("counsellor")
    far.write("/root/archive", _ARCHIVE.encode())
    far.run("sh", "/root/archive")
    address = ground.hosts.network.address(ground.hosts.number(far.name))
    known = server.read("/etc/hosts").decode()
    server.write("/etc/hosts", f"{known}\n{address} deb.debian.org\n".encode())
    fetch(server, ("approx",), ground.hosts.folder / "server")
    answers = server.read(ANSWERS).decode()
    ground.expect("debian = false" in answers, f"the answers are others: {answers}")
    wanted = answers.replace("debian = false", "debian = true")
    server.write(ANSWERS, wanted.encode(), "600")
    appointment = ground.begin_call()
    with ground.timed("installed_seconds"):
        server.run("guichet-server", "install", timeout_seconds=INSTALL_SECONDS)
    ground.expect_call(appointment)
    ground.end_call(appointment)
    said = failed_checks(server).get("archive", "")
    ground.expect(not said, f"guichet-server check: {said}")
    for scheme in ("http", "https"):
        source = f"deb [trusted=yes] {scheme}://{SITE}/debian/tried ./\n"
        kiosk.write(SOURCES, source.encode())
        kiosk.run("apt-get", "update", "--error-on=any")
        kiosk.run("apt-get", "install", "--yes", TRIED)
        kiosk.run("apt-get", "purge", "--yes", TRIED)
        kiosk.run("apt-get", "clean")
    # What was fetched once is kept: the archive may be away.
    far.run("systemctl", "stop", "archive")
    kiosk.run("apt-get", "install", "--yes", TRIED)
    listened = server.run("ss", "--listening", "--tcp", "--numeric", "--no-header")
    opened = [word for word in listened.split() if word.endswith(":9999")]
    ground.expect(
        opened == ["127.0.0.1:9999"], f"approx listens on the network: {listened}"
    )
