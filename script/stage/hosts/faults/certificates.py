# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server's certificate: renewed in a call, and ended because nobody renewed it."""

from provisioning.server.certificate import RENEWAL
from stage.hosts.faults.asterisk_says import take_certificate
from stage.hosts.faults.ground import Ground
from stage.hosts.faults.kiosk_says import failed_checks
from stage.hosts.host_set import SITE

BACK_SECONDS, INSTALL_SECONDS = 90.0, 180.0
TLS, OWN_FILES = "/etc/guichet/tls", "/root/certificates"
ANSWERS = "/etc/guichet/server.toml"
_FILES = f"""[certificate]
kind = "files"
certificate = "{OWN_FILES}/server.pem"
key = "{OWN_FILES}/server.key"
authority = "{OWN_FILES}/ca.pem"
"""
PORTS = (443, 5061)
_SERVER_PYTHON = "/usr/lib/guichet-server/bin/python"
# Signed by the site's own authority, as it would stand there after a year of neglect.
_SIGN = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from provisioning.asterisk import certificates
certificates.SERVER_LIFETIME = timedelta(days=int(sys.argv[2]))
certificates.CLOCK_TOLERANCE = timedelta(days=400)
certificates.ensure_certificates(Path(sys.argv[1]), sys.argv[3:], renew=True)
"""


def certificate_renewed(ground: Ground) -> None:
    """In a call the server's certificate is renewed, a month before its end."""
    _sign(ground, days=30)
    _hand_on(ground)
    before = _served(ground)
    appointment = ground.begin_call()
    with ground.timed("renewal_seconds"):
        ground.server.run("guichet-server", "renew-certificate")
        ground.wait(
            lambda: all(each not in before for each in _served(ground)),
            "front and Asterisk serve the new certificate",
            BACK_SECONDS,
        )
    ground.expect_call(appointment)
    ground.end_call(appointment)


def certificate_ended(ground: Ground) -> None:
    """The certificate has ended: kiosks say so, and come back once it is renewed."""
    _sign(ground, days=-1)
    _hand_on(ground)
    ground.kiosk.pull_plug()
    ground.kiosk.boot()
    with ground.timed("told_by_kiosk_seconds"):
        ground.wait(
            lambda: "certificate: ended" in failed_checks(ground.kiosk),
            "the kiosk's self-test says that the certificate has ended",
            BACK_SECONDS,
        )
    said = ground.server.ask("guichet-server", "check")
    ground.expect(said.returncode == 1, "guichet-server check finds nothing wrong")
    ground.seen["server_says"] = [
        line.strip()
        for line in said.stdout.decode().splitlines()
        if "certificate" in line or "->" in line
    ]
    ground.server.run("guichet-server", "renew-certificate")
    with ground.timed("registered_seconds"):
        ground.wait(
            lambda: ground.kiosk_phone.status()["registered"],
            "the kiosk registers by itself",
            BACK_SECONDS,
        )


def certificate_of_files(ground: Ground) -> None:
    """The certificate is the site's own files, in root's home: taken each day, in a call too."""
    server = ground.server
    server.run("cp", "--recursive", TLS, OWN_FILES)
    _sign(ground, days=60, folder=OWN_FILES)
    answers = server.read(ANSWERS).decode()
    _, table, rest = answers.partition('[certificate]\nkind = "own"\n')
    ground.expect(table, f"the answers are others: {answers}")
    server.write(ANSWERS, answers.replace(table, _FILES).encode(), "600")
    with ground.timed("installed_seconds"):
        server.run("guichet-server", "install", timeout_seconds=INSTALL_SECONDS)
    _see_served(ground)
    appointment = ground.begin_call()
    _sign(ground, days=90, folder=OWN_FILES)
    # As its timer does each day, in the unit's own sandbox.
    with ground.timed("taken_seconds"):
        server.run("systemctl", "start", RENEWAL)
        _see_served(ground)
    ground.expect_call(appointment)
    ground.end_call(appointment)
    server.run("mv", f"{OWN_FILES}/server.key", f"{OWN_FILES}/away.key")
    server.ask("systemctl", "start", RENEWAL)
    said = server.ask("guichet-server", "check").stdout.decode()
    told = [line for line in said.splitlines() if RENEWAL.partition(".")[0] in line]
    ground.expect(told, f"nobody is told that the files cannot be taken: {said}")
    ground.seen["server_says"] = told[0].strip()
    server.run("mv", f"{OWN_FILES}/away.key", f"{OWN_FILES}/server.key")
    server.run("systemctl", "start", RENEWAL)


def _see_served(ground: Ground) -> None:
    wanted = ground.server.read(f"{OWN_FILES}/server.pem").decode()
    ground.wait(
        lambda: all(each.strip() in wanted for each in _served(ground)),
        "front and Asterisk serve the files' certificate",
        BACK_SECONDS,
    )


def _sign(ground: Ground, *, days: int, folder: str = TLS) -> None:
    ground.server.run(_SERVER_PYTHON, "-c", _SIGN, folder, str(days), SITE)


def _hand_on(ground: Ground) -> None:
    ground.server.run("systemctl", "reload", "guichet-front")
    take_certificate(ground.server)


def _served(ground: Ground) -> list[str]:
    address = ground.hosts.network.address(ground.hosts.number("server"))
    script = "import ssl,sys;print(ssl.get_server_certificate((sys.argv[1],int(sys.argv[2]))))"
    return [
        ground.server.run(_SERVER_PYTHON, "-c", script, address, str(port))
        for port in PORTS
    ]
