# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's plug is pulled while Debian's unattended-upgrades installs Debian's packages.

A host sees no archive of Debian's: what is installed is packed again under a later version,
offered as Debian's security archive offers it, and put where apt keeps what it downloaded.
"""

from stage.hosts.faults.ground import Ground
from stage.hosts.host import Host
from stage.waiting import wait_for

# What the kiosk's own programs and its recovery stand on.
PACKAGES = ("dash", "coreutils", "cups-daemon", "sway", "wireplumber", "libc-bin")
# In which dpkg has some package, when the plug is pulled.
MOMENTS = ("half-installed", "unpacked", "half-configured")
OFFERED_SECONDS, REACHED_SECONDS, WHOLE_SECONDS = 600.0, 300.0, 120.0
RUN_SECONDS = 600.0
_LOG = "/var/log/dpkg.log"
_OFFER = """\
set -eu
mkdir -p /srv/later/tree && cd /srv/later
for package in "$@"; do
    dpkg-repack "$package" >repack.log 2>&1
    dpkg-deb --raw-extract "$package"_*.deb tree/t
    rm "$package"_*.deb
    sed -i 's/^Version: .*/&+later1/' tree/t/DEBIAN/control
    dpkg-deb -Znone --root-owner-group --build tree/t . >>repack.log
    rm -r tree/t
done
for file in *.deb; do
    dpkg-deb --field "$file"
    printf 'Filename: ./%s\\nSize: %s\\n' "$file" "$(stat --format=%s "$file")"
    printf 'SHA256: %s\\n\\n' "$(sha256sum "$file" | cut -d' ' -f1)"
done >Packages
cat >Release <<RELEASE
Origin: Debian
Label: Debian-Security
Suite: stable-security
Codename: trixie-security
Date: $(date --utc '+%a, %d %b %Y %T UTC')
SHA256:
 $(sha256sum Packages | cut -d' ' -f1) $(stat --format=%s Packages) Packages
RELEASE
echo 'deb [trusted=yes] file:/srv/later ./' >/etc/apt/sources.list.d/later.list
apt-get update
cp *.deb /var/cache/apt/archives
"""


def plug_in_unattended_upgrade(ground: Ground) -> None:
    """The plug is pulled thrice while Debian's packages are installed: nothing stays half."""
    kiosk = ground.kiosk
    kiosk.write("/root/offer-later", _OFFER.encode())
    kiosk.run(*("sh", "/root/offer-later", *PACKAGES), timeout_seconds=OFFERED_SECONDS)
    cut = []
    for moment in MOMENTS:
        cut.append(_pull_at(kiosk, moment))
        ground.tell(f"pulled at {cut[-1]}")
        kiosk.boot()
        _see_whole(ground)
    ground.seen["pulled_at"] = cut
    # What is left is installed the next night.
    kiosk.run("systemctl", "start", "apt-daily-upgrade", timeout_seconds=RUN_SECONDS)
    _see_whole(ground)
    left = kiosk.run("apt-get", "--simulate", "dist-upgrade")
    ground.expect("Inst" not in left, f"not installed: {left}")


def _pull_at(kiosk: Host, moment: str) -> str:
    """Begin as Debian's timer does, pull the plug at that moment; give dpkg's line of it."""
    log = kiosk.seen(_LOG)
    before = len(log.read_text(encoding="utf-8"))
    # It was made today already, as far as it knows.
    kiosk.run("rm", "--force", "/var/lib/apt/periodic/upgrade-stamp")
    kiosk.run("systemctl", "start", "--no-block", "apt-daily-upgrade")

    def reached() -> str | None:
        lines = log.read_text(encoding="utf-8", errors="replace")[before:].splitlines()
        return next((line for line in lines if f" status {moment} " in line), None)

    line = wait_for(reached, f"dpkg has a package {moment}", REACHED_SECONDS, 0.002)
    kiosk.pull_plug()
    return " ".join(line.split()[2:])


def _see_whole(ground: Ground) -> None:
    """Return once the kiosk can be called and dpkg finds nothing that is not whole."""
    kiosk = ground.kiosk
    ground.wait(
        lambda: ground.kiosk_phone.status()["registered"],
        "the kiosk is registered again",
        WHOLE_SECONDS,
    )
    said = kiosk.run("dpkg", "--audit").strip()
    ground.expect(not said, f"dpkg --audit: {said}")
