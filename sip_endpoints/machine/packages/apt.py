# SPDX-License-Identifier: AGPL-3.0-or-later
"""apt and dpkg, as an update asks them: which version is there, which is offered, fetch it."""

import os
import shutil

from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.programs import Run, run

PACKAGE = "guichet-kiosk"
LISTS_SECONDS, DOWNLOAD_SECONDS, REPACK_SECONDS = 300.0, 3600.0, 600.0
# Beside what apt counts itself: the package of before, and room to work in.
MIN_FREE_BYTES = 500_000_000
# Another apt that is at work is waited for.
WAITING = ("--option", "DPkg::Lock::Timeout=600")
_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}
# What apt says of lists that are older than its source allows (sources.list(5), Valid-Until-Max).
_ENGLISH = {"LC_ALL": "C"}
_EXPIRED = "is expired (invalid since"


class NotPrepared(MachineError):
    """An update cannot begin; `cause` is the short code that the server is told."""

    def __init__(self, cause: str, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause


class Apt:
    """The machine's own apt; of our package it reads the server's repository alone."""

    def __init__(self, places: Places, run: Run = run) -> None:
        self._places, self._run = places, run
        self._ours_alone = (
            *("--option", f"Dir::Etc::sourcelist={places.apt_source}"),
            *("--option", "Dir::Etc::sourceparts=-"),
            *("--option", "APT::Get::List-Cleanup=0"),
        )

    def refresh(self) -> None:
        """Read the server's lists anew; raise NotPrepared where they cannot be, or are old."""
        words = ["apt-get", "--quiet", "update", "--error-on=any", *self._ours_alone]
        ran = self._run(
            words, limit_seconds=LISTS_SECONDS, environment=_ENGLISH, may_fail=True
        )
        if not ran.code:
            return
        if _EXPIRED in ran.errors:
            raise NotPrepared(
                "list_old", "Ce que le dépôt annonce date de plus d'une semaine."
            )
        raise NotPrepared("no_list", _said("Le dépôt ne se lit pas", ran.errors))

    def refresh_debian(self) -> None:
        """Read Debian's lists anew: a new version may need more of it. It may be away."""
        words = ["apt-get", "--quiet", "update"]
        self._run(words, limit_seconds=LISTS_SECONDS, may_fail=True)

    def installed(self) -> str:
        """Give the version of our package that is wholly there; empty where none is."""
        form = "--showformat=${db:Status-Abbrev}|${Version}"
        ran = self._run(["dpkg-query", "--show", form, PACKAGE], may_fail=True)
        status, _, version = ran.output.strip().partition("|")
        return version if status.strip() == "ii" else ""

    def offered(self) -> str:
        """Give the newest version that the server offers, if it is newer; else empty."""
        words = ["apt-cache", *self._ours_alone, "madison", PACKAGE]
        newest = ""
        for line in self._run(words, may_fail=True).output.splitlines():
            parts = [part.strip() for part in line.split("|")]
            if len(parts) == 3 and self._is_newer(parts[1], newest):
                newest = parts[1]
        return newest if self._is_newer(newest, self.installed()) else ""

    def download(self, version: str) -> None:
        """Fetch all that the version needs; raise NotPrepared with the cause."""
        room = shutil.disk_usage(self._places.updates).free
        if room < MIN_FREE_BYTES:
            raise NotPrepared("disk_full", "Le disque est presque plein.")
        wanted = f"{PACKAGE}={version}"
        words = ["apt-get", *WAITING, "--quiet", "--yes", "--no-remove", "install"]
        planned = self._run([*words, "--simulate", wanted], may_fail=True)
        if planned.code:
            cause = "would_remove" if "remove" in planned.errors else "no_way"
            raise NotPrepared(cause, _said("apt refuse", planned.errors))
        fetched = self._run(
            [*words, "--download-only", wanted],
            limit_seconds=DOWNLOAD_SECONDS,
            environment=_QUIET,
            may_fail=True,
        )
        if fetched.code:
            sentence = _said("Le téléchargement a échoué", fetched.errors)
            raise NotPrepared("no_download", sentence)

    def keep_installed(self) -> None:
        """Pack what is installed of our package, so that it can be put back."""
        kept = self._places.kept_packages
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(mode=0o700, parents=True)
        # Nobody downloads it: packing quickly matters more than its size.
        words = ["dpkg-repack", "--deb-option=-Zgzip", "--deb-option=-z1", PACKAGE]
        packed = self._run(
            ["env", f"--chdir={kept}", *words],
            limit_seconds=REPACK_SECONDS,
            may_fail=True,
        )
        if packed.code or not list(kept.glob("*.deb")):
            sentence = _said("La version présente ne se garde pas", packed.errors)
            raise NotPrepared("keep_failed", sentence)
        # Before anything changes it is on the disk, whoever pulls the plug then.
        os.sync()

    def _is_newer(self, version: str, than: str) -> bool:
        if not version:
            return False
        words = ["dpkg", "--compare-versions", version, "gt", than]
        return not than or self._run(words, may_fail=True).code == 0


def _said(what: str, errors: str) -> str:
    lines = errors.strip().splitlines()
    return f"{what} : {lines[-1] if lines else 'sans raison donnée'}"
