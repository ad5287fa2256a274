# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files of the site on this machine, and whom each is for."""

import json
import secrets
import tomllib
from typing import Any

from provisioning.asterisk.site import (
    AsteriskProgram,
    SiteError,
    SiteOptions,
    write_site,
)
from provisioning.asterisk.trunk import follow_router
from provisioning.server.answers import Answers, MailAnswers, answers_text
from provisioning.server.certificate import (
    authority_for_browsers,
    authority_for_kiosks,
    has_certificate_of_another,
    take_given_certificate,
)
from provisioning.server.database import asterisk_url, pages_url
from provisioning.server.errors import ServerError
from provisioning.server.files import protect
from provisioning.server.machine import Machine
from provisioning.server.ports import SIP, SIP_TLS, capacity_of
from provisioning.server.repository import places as repository
from provisioning.server.state import LAST_BACKUP, WATCHED
from provisioning.server.work import Work

UNITS_ENVIRONMENT = "/etc/guichet/units.env"
AMI_PORT = 5038
# Asterisk's, of the loopback: the front hands the WebSockets of telephones on to it.
WS_PORT = 8088


def write_files(work: Work) -> bool:
    """Write the settings, certificates and Asterisk's configuration; give each its reader."""
    machine, answers = work.machine, work.answers
    work.note(take_given_certificate(machine, answers.certificate))
    try:
        written = write_site(
            machine.layout,
            site_options(machine, answers),
            AsteriskProgram.read(machine.asterisk_file),
            renew_certificate=answers.certificate.kind == "own"
            and has_certificate_of_another(machine),
        )
    except SiteError as error:
        raise ServerError(str(error)) from error
    work.note(written)
    work.note(follow_router(machine.layout))
    work.write(machine.path(UNITS_ENVIRONMENT), _units_environment(answers))
    work.write(machine.answers_file, answers_text(answers))
    protect(machine)
    return bool(work.changed)


def _units_environment(answers: Answers) -> str:
    lines = [f"GUICHET_FORGET_AFTER_DAYS={answers.forget_after_days}\n"]
    if (days := answers.forget_documents_after_days) is not None:
        lines.append(f"GUICHET_FORGET_DOCUMENTS_AFTER_DAYS={days}\n")
    return "".join(lines)


def site_options(machine: Machine, answers: Answers) -> SiteOptions:
    """Turn the answers into what a site is made of."""
    capacity = capacity_of(answers.kiosks)
    mail = answers.mail
    web_authority = authority_for_browsers(machine, answers.certificate)
    return SiteOptions(
        bind="0.0.0.0",
        names=answers.names,
        sip_tls_port=SIP_TLS,
        sip_port=SIP if answers.softphones else 0,
        ami_port=AMI_PORT,
        ws_port=WS_PORT,
        rtp_first=capacity.rtp_first,
        rtp_last=capacity.rtp_last,
        **_behind_router(machine, answers),
        kiosks=answers.kiosks,
        database_url=pages_url(machine, answers.database),
        asterisk_database_url=asterisk_url(machine, answers.database),
        site_url=answers.site_url,
        chosen=(
            ("sip_server", answers.name),
            ("sip_port", SIP_TLS),
            ("sip_plain_port", SIP if answers.softphones else None),
            ("sip_ca_file", str(authority_for_kiosks(machine, answers.certificate))),
            ("web_ca_file", str(web_authority) if web_authority else None),
            ("smtp_host", mail.host if mail else None),
            ("smtp_port", mail.port if mail else None),
            ("smtp_security", mail.security if mail else None),
            ("smtp_username", mail.username if mail else None),
            ("smtp_password", mail.password if mail else None),
            ("mail_from", mail.sender if mail else None),
            *_who_is_told(mail),
            *_metrics(machine, answers.metrics),
            ("repository_uri", answers.site_url + repository.PATH),
            ("repository_key_file", repository.KEY_FILE),
            ("repository_pilots", " ".join(answers.updates.pilots)),
            ("repository_rings", repository.RINGS_FILE),
            ("certificate_file", str(machine.layout.tls / "server.pem")),
            ("backup_result", str(machine.path(LAST_BACKUP))),
            ("watch_result", str(machine.path(WATCHED))),
        ),
    )


def own_address(machine: Machine, public_address: str) -> str:
    """Give this machine's address on its way to a router's; raises ServerError."""
    told = machine.programs.run("ip", "-json", "route", "get", public_address)
    try:
        return str(json.loads(told)[0]["prefsrc"])
    except (ValueError, LookupError) as error:
        raise ServerError(f"no way leads to {public_address}: {told}") from error


def _behind_router(machine: Machine, answers: Answers) -> dict[str, Any]:
    if answers.public_address is None:
        return {}
    return {
        "public_address": answers.public_address,
        "own_address": own_address(machine, answers.public_address),
        "local_networks": answers.local_networks,
    }


def _who_is_told(mail: MailAnswers | None) -> list[tuple[str, str | None]]:
    if mail is None:
        # Without a mail server it would be an error.
        return [("alert_mail", None)]
    if mail.alerts is None:
        return []
    return [("alert_mail", " ".join(mail.alerts) or None)]


def _metrics(machine: Machine, wanted: bool | None) -> list[tuple[str, str | None]]:
    if wanted is None:
        return []
    file = machine.layout.settings
    known = tomllib.loads(file.read_text()) if wanted and file.exists() else {}
    token = known.get("metrics_token") or secrets.token_hex(32)
    return [("metrics_token", token if wanted else None)]
