# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the demo prints once it is ready: where it is, who signs in, what to try."""

import tomllib
from collections.abc import Iterator

import click

from stage.stack import Stage
from stage.story import COUNSELLORS_ACCOUNT

BROWSER_LINES = [
    f"As {COUNSELLORS_ACCOUNT}, press « Mon bureau : prendre les appels »: the MSA's calls",
    "ring in that page and nowhere else. It takes this machine's camera and microphone.",
    "",
]


def print_welcome(stage: Stage, telephone: list[str]) -> None:
    """Print it; `telephone` says how whoever reads it answers themselves, if they do."""
    passwords = stage.passwords()
    width = max(map(len, passwords))
    lines = ["", f"The demo is ready: {stage.url}", "", "Sign in as:"]
    lines += [f"  {email:{width}}  {word}" for email, word in passwords.items()]
    printed = [
        f"  {devices.cups.queue:{width}}  {devices.cups.printed}"
        for devices in stage.devices.values()
    ]
    lines += [
        "",
        'As mairie@wassigny.example, write a name, choose "Mutualité sociale agricole',
        '(MSA)", choose "Maintenant" and press "Valider le rendez-vous": the kiosk of',
        "Wassigny answers alone, the counsellor takes the call, and the list below shows",
        "each step. To hang up, press the button beside the appointment.",
        "During the call, as conseiller@msa.example, open the appointment: upload a form,",
        "print it at the kiosk, scan what lies on its scanner; fill in a form of the library",
        "before the resident's eyes. At Guise the resident signs what is printed and lays one",
        "page after the other on the scanner. What the printers put out:",
        *printed,
        "What the resident sees on the second screen, in a private window (good once):",
        *(f"  {slug:{width}}  {address}" for slug, address in _screens(stage)),
        "As responsable@msa.example, change the MSA's opening hours.",
        f"E-mails go to {stage.post.mailbox} and SMS to {stage.post.sms_spool}.",
        "",
        *telephone,
        f"Logs, database and configuration: {stage.directory}",
        "Ctrl-C stops everything.",
    ]
    click.echo("\n".join(lines))


def _screens(stage: Stage) -> Iterator[tuple[str, str]]:
    """Give each kiosk with the address that lets a browser be its second screen."""
    for kiosk in stage.kiosks():
        bundle = tomllib.loads(kiosk.bundle.read_text(encoding="utf-8"))
        yield kiosk.slug, bundle["kiosk"]["screen_url"]
