# SPDX-License-Identifier: AGPL-3.0-or-later
"""Softphones set up by what the product hands out, and nothing else: Linphone and baresip.

Run it in a network of its own: `python -m stage.handed_out_story DIRECTORY`. SIP is TLS with
the site's own authority. Prints one JSON object.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import requests

from provisioning.bundles.linphone import REQUEST_HEADER
from stage.ami import BareAmi
from stage.baresip import BaresipPhone, adapt_folder
from stage.endpoint import BINARIES
from stage.html_forms import forms_of
from stage.linphone import PUBLIC_AUTHORITIES, SYSTEM_AUTHORITIES, LinphonePhone, trust
from stage.processes import Program
from stage.secretary import LiveWatch, Secretary
from stage.stack import Stage, StageOptions
from stage.story import KIOSK, ORGANISATION, RESIDENT, SECRETARY
from stage.waiting import PATIENCE, wait_for

ADDRESS = "10.9.9.1"
SOFTPHONE = "counsellor-msa-softphone"
NAME = 'Téléphone "du logiciel"; de la MSA'
PICTURES = 3
ANSWER_SECONDS = 30
REGISTERED, REFUSED = "LinphoneRegistrationOk", "LinphoneRegistrationFailed"
# The secretary, and the day as it is told to her page.
Desk = tuple[Secretary, LiveWatch]


class HandingOut:
    """A site that is reached by HTTPS and SIP over TLS, and what it hands out."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.authority = stage.directory / "tls" / "ca.pem"
        self.url = f"https://{ADDRESS}:{stage.ports.spare[0]}"
        self.control = (ADDRESS, stage.ports.spare[1])
        self.access = (
            *("--web-url", self.url, "--sip-server", ADDRESS),
            *("--sip-port", str(stage.ports.sip_tls), "--sip-ca", str(self.authority)),
        )

    def settle(self) -> None:
        """Have the pages know where Asterisk is, and add the softphone's counsellor."""
        file = self.stage.settings_file
        known = file.read_text().replace(self.stage.url, self.url)
        reached = f'sip_server = "{ADDRESS}"\nsip_port = {self.stage.ports.sip_tls}\n'
        file.write_text(f'{known}{reached}sip_ca_file = "{self.authority}"\n')
        self.stage.provision(
            *("add-counsellor", SOFTPHONE, "--name", NAME),
            *("--organisation", ORGANISATION.lower(), "--softphone"),
        )

    @contextmanager
    def front(self) -> Iterator[None]:
        """Have browsers and Linphone come by HTTPS."""
        folder = self.stage.directory
        program = Program(
            "https",
            [
                *(str(BINARIES / "guichet-web"), "front"),
                *("--listen", self.url.removeprefix("https://")),
                *("--web", f"unix:{folder / 'web.sock'}"),
                *("--live", f"unix:{folder / 'live.sock'}"),
                *("--folder", str(folder / "https")),
                *("--certificate", str(folder / "tls" / "server.pem")),
                *("--key", str(folder / "tls" / "server.key")),
            ],
            directory=folder,
            log=folder / "log" / "https.log",
            environment={"GUICHET_CONFIG": str(self.stage.settings_file)},
        )
        program.start()
        try:
            program.wait_until(lambda: self.status("/sante") == 200)
            yield
        finally:
            program.stop()

    def hand_out(self, *options: str) -> dict[str, Any]:
        """Give what `guichet-provision softphone` prints."""
        output = self.stage.provision(
            "softphone", SOFTPHONE, *options, "--json", *self.access
        )
        told: dict[str, Any] = json.loads(output.splitlines()[-1])
        return told

    def lock_out(self) -> None:
        """Replace the secret by one that nobody knows."""
        self.stage.provision("rotate-secret", SOFTPHONE, "--discard")

    def status(self, address: str, **headers: str) -> int:
        """Give the status with which a page answers, 0 where nobody does."""
        try:
            answer = requests.get(
                address if address.startswith("https") else f"{self.url}{address}",
                headers=headers,
                verify=str(self.authority),
                timeout=ANSWER_SECONDS * PATIENCE,
            )
        except requests.ConnectionError:
            return 0
        return answer.status_code

    def wait_registered(self) -> None:
        """Return once Asterisk knows the softphone."""
        wait_for(
            lambda: self.stage.asterisk.is_registered(SOFTPHONE), "it registers", 30
        )

    def call(self, desk: Desk, answer: Callable[[], None]) -> dict[str, Any]:
        """Have the resident call; give the picture that the kiosk got of the softphone."""
        secretary, watch = desk
        appointment = secretary.book(RESIDENT, ORGANISATION)
        answer()
        watch.wait_state(appointment, "in_call")
        kiosk = self.stage.kiosk(KIOSK)

        def picture() -> dict[str, Any] | None:
            video = (kiosk.call() or {}).get("video")
            return video if video and video["frames_decoded"] >= PICTURES else None

        seen = wait_for(picture, "the kiosk shows who answers", ANSWER_SECONDS)
        is_encrypted = self.encrypted_streams()
        secretary.press(appointment, "raccrocher")
        watch.wait_state(appointment, "done")
        return {
            "codec": seen["codec"],
            "frames": seen["frames_decoded"],
            "encrypted": is_encrypted,
        }

    def encrypted_streams(self) -> dict[str, bool]:
        """Tell of sound and picture whether Asterisk has them by SRTP, both ways."""
        [channel] = [
            each
            for each in self.stage.asterisk.channels()
            if each.startswith(f"PJSIP/{SOFTPHONE}-")
        ]
        with BareAmi.of_site(self.stage.settings_file) as ami:
            told = {
                media: ami.action(
                    "Getvar", Channel=channel, Variable=f"CHANNEL(rtp,secure,{media})"
                )
                for media in ("audio", "video")
            }
        return {media: answer.get("Value") == "1" for media, answer in told.items()}


def live_linphone(site: HandingOut, desk: Desk) -> dict[str, Any]:
    """Set Linphone up by its link; call it; lock it out."""
    link = site.hand_out("--linphone")["link"]
    looked_at = [site.status(link), site.status(link)]
    phone = LinphonePhone(site.stage.directory, link)
    phone.start()
    try:
        site.wait_registered()
        picture = site.call(desk, lambda: None)
        again = site.status(link, **{REQUEST_HEADER: "1"})
        phone.stop()
        # It has its settings, and asks for no link any more.
        phone.start()
        phone.wait_traced(f"to [{REGISTERED}]")
        phone.stop()
        site.lock_out()
        phone.start()
        phone.wait_traced(f"to [{REFUSED}]")
    finally:
        phone.stop()
    token = link.rpartition("/")[2]
    return {
        "after_its_file": live_saved_file(site, "by-file", REGISTERED),
        "looked_at": looked_at,
        "picture": picture,
        "opened_again": again,
        "keeps_link": token in phone.settings.read_text(),
        "logs_with_token": [
            file.name
            for file in sorted((site.stage.directory / "log").iterdir())
            if token in file.read_text(errors="replace")
        ],
    }


def live_saved_file(site: HandingOut, name: str, then: str) -> int:
    """Set Linphone up by the file that the link's page saves, and wait for its trace.

    Gives the status with which the link answers afterwards.
    """
    link = site.hand_out("--linphone")["link"]
    file = site.stage.directory / f"{name}.xml"
    with requests.Session() as browser:
        page = browser.get(
            link, verify=str(site.authority), timeout=ANSWER_SECONDS * PATIENCE
        )
        saved = browser.post(
            link,
            data=forms_of(page.text)[0].values,
            headers={"Referer": link},
            verify=str(site.authority),
            timeout=ANSWER_SECONDS * PATIENCE,
        )
    file.write_bytes(saved.content)
    phone = LinphonePhone(site.stage.directory, f"file://{file}", name)
    phone.start()
    try:
        phone.wait_traced(f"to [{then}]")
    finally:
        phone.stop()
    return site.status(link, **{REQUEST_HEADER: "1"})


def live_baresip(site: HandingOut, desk: Desk) -> dict[str, Any]:
    """Start baresip from its folder; call it; lock it out; show it another authority."""
    folder = site.stage.directory / "baresip"
    site.hand_out("--baresip", str(folder))
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in folder.iterdir()}
    adapt_folder(folder, *site.control)
    phone = BaresipPhone(site.stage.directory, [str(folder / "start")], site.control)
    try:
        phone.start()
        picture = site.call(desk, lambda: _accept(phone))
        phone.stop()
        site.lock_out()
        phone.begin()
        phone.wait_told("401 Unauthorized")
        phone.stop()
        # An authority that did not sign Asterisk's certificate: nothing is sent to it.
        (folder / "ca.pem").write_bytes(PUBLIC_AUTHORITIES.read_bytes())
        phone.begin()
        phone.wait_told("unable to get local issuer certificate")
        has_registered = "200 OK" in phone.program.log_text()
    finally:
        phone.stop()
    return {"modes": modes, "picture": picture, "trusts_others": has_registered}


def _accept(phone: BaresipPhone) -> None:
    phone.wait_event("CALL_INCOMING")
    phone.command("accept")


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def main(directory: Path) -> None:
    """Live it in DIRECTORY, whose path must be short (sockets)."""
    options = StageOptions(bind=ADDRESS, provisions_in_process=True)
    with Stage(directory, options) as stage:
        stage.prepare()
        site = HandingOut(stage)
        site.settle()
        stage.start("asterisk", "web", "dispatcher", KIOSK)
        with site.front(), Secretary(stage.url) as secretary:
            secretary.sign_in(SECRETARY, stage.passwords()[SECRETARY])
            desk = (secretary, secretary.watch())
            baresip = live_baresip(site, desk)
            live_saved_file(site, "untrusting", REFUSED)
            # As IT would: the machine's own list is what Linphone is told to believe, and
            # its link is fetched from a site whose certificate everybody knows.
            trust(site.authority, directory, SYSTEM_AUTHORITIES, PUBLIC_AUTHORITIES)
            linphone = live_linphone(site, desk)
    click.echo(json.dumps({"linphone": linphone, "baresip": baresip}))


if __name__ == "__main__":
    sys.exit(main())
