# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings of the web application and of the dispatcher, merged in one place.

Defaults < file < environment (`GUICHET_<KEY>`) < command line. Secrets have no default and
an unknown key of the file is an error.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from booking_web.base.notice_settings import NoticeSettings, fault_of

ENVIRONMENT_PREFIX = "GUICHET_"
# Without these nothing works but the front, which knows no secret.
NEEDED = ("database_url", "secret_key")
# A scheme, a host, perhaps a port: the site lies at the root of its host.
_SITE_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/?")
# In clear on the loopback alone.
_PROVIDER = re.compile(r"https://[^\s?#]+|http://127\.0\.0\.1:[0-9]+")
# An e-mail address, or an address of the web.
_CONTACT = re.compile(r"(mailto:)?[^@\s:]+@[^@\s:]+|https://[!-~]+")
_TRUNK = {
    "trunk_caller_number": (re.compile(r"\+?[0-9]{3,15}"), '"0323000000"'),
    "trunk_dials": (re.compile("(inter)?national"), '"national" or "international"'),
    "trunk_exit_digits": (re.compile("[0-9]{0,4}"), '"0"'),
    "trunk_foreign_prefixes": (re.compile(r"(\+[1-9][0-9]{0,5} *)*"), '"+262 +32"'),
}
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class SecondFactorOf(StrEnum):
    """Of whom a second factor is asked; of others it is their own choice."""

    NOBODY = "optional"
    WHO_SEES_DOCUMENTS = "documents"
    EVERYBODY = "everybody"


class SettingsError(ValueError):
    """A setting is missing, unknown or has a value of the wrong kind."""


@dataclass(frozen=True, kw_only=True)
class Settings(NoticeSettings):
    """What a running system needs to know; see docs/ for the file."""

    database_url: str
    secret_key: str
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_username: str = "guichet"
    # Needed by the dispatcher alone, which refuses to start without it.
    ami_secret: str | None = None
    # How many calls the server carries (guichet-provision site knows); 0: any number.
    calls_at_once: int = 0
    # Of whom a code of their telephone is asked besides the password: "optional" (whoever
    # wants it), "documents" (secretaries and counsellors must) or "everybody".
    second_factor: str = "optional"
    # The identity provider (OpenID Connect) by which one may sign in as well, as it names
    # itself; none: by password alone. It needs the two that follow, and site_url.
    oidc_issuer: str | None = None
    # What the provider calls this site.
    oidc_client_id: str | None = None
    # The secret that the provider and this site share.
    oidc_client_secret: str | None = None
    # What the provider is called on the sign-in page.
    oidc_name: str = "ProConnect"
    # Path of the Unix datagram socket that wakes the dispatcher; none: it polls.
    doorbell: str | None = None
    # False only for plain http on the loopback.
    secure_cookies: bool = True
    # Whose X-Forwarded-For, -Proto and -Host are believed: addresses and networks between
    # blanks, and "unix" for who comes by the server's Unix socket. Of all others they are not.
    trusted_proxies: str = ""
    # How browsers elsewhere name this site: "https://guichet.example". Addresses that are
    # handed on, such as a calendar's, begin with it.
    site_url: str | None = None
    # Whom to tell of a hole, for /.well-known/security.txt: an e-mail address or a page.
    security_contact: str | None = None
    # Where the documents lie, encrypted, and the key to them (made by guichet-provision
    # site). Without both, appointments have no documents.
    documents_dir: str | None = None
    documents_key_file: str | None = None
    documents_max_megabytes: int = 25
    documents_max_pages: int = 200
    # Path of the socket of ClamAV's daemon; none: uploads are not searched for viruses.
    clamd_socket: str | None = None
    # When an older copy of the database was put back (written by guichet-server restore):
    # what pages that were open before send is refused. ISO 8601, with its offset.
    restored_at: str | None = None
    # False where nobody is to practise on invented people beside the site.
    practice: bool = True
    # True where webhooks may go to addresses of the site's own network.
    webhooks_allow_private: bool = False

    # Where kiosks and counsellors reach Asterisk (TLS), as the files say that the
    # administrator's pages hand out; none: these hand out user name and secret alone.
    sip_server: str | None = None
    sip_port: int = 5061
    # The authority of its certificate, to be put beside such a file.
    sip_ca_file: str | None = None
    # Its UDP and TCP port for softphones in clear; 0: the site opens none.
    sip_plain_port: int = 0
    # Where Asterisk takes SIP in WebSockets from the front, on the loopback, for telephones
    # that are a page; 0: there are none.
    ws_port: int = 0
    # The site's telephone line (guichet-provision trunk writes these): the number that whoever
    # is called sees; none: counsellors can have nobody called.
    trunk_caller_number: str | None = None
    # How it dials: "national" (0612345678) or "international" (+33612345678).
    trunk_dials: str = "national"
    # What the town hall's exchange wants before a number outside.
    trunk_exit_digits: str = ""
    # Countries that may be called besides France, between blanks: "+262 +32".
    trunk_foreign_prefixes: str = ""
    # How many numbers each organisation may have called within an hour.
    trunk_calls_an_hour: int = 20
    # The authority of the certificate of these pages, which an enrolled kiosk is given to
    # trust; none: every browser knows it.
    web_ca_file: str | None = None
    # In which language an enrolled kiosk speaks at first.
    kiosk_language: str = "fr"
    # Where enrolled kiosks take their packages from (an apt repository), and the file with
    # the key of its signature; none: from nowhere.
    repository_uri: str | None = None
    repository_suite: str = "stable"
    repository_key_file: str | None = None
    # The kiosks that try a new version first, by their slugs between blanks: their suite is
    # `pilot`.
    repository_pilots: str = ""
    # Where `guichet-server publish` notes which version each ring is given.
    repository_rings: str | None = None

    # Messages to residents: none of a kind goes out where its server is not named.
    smtp_host: str | None = None
    smtp_port: int = 25
    # "starttls", "tls" or, for a server on this machine, "none".
    smtp_security: str = "starttls"
    smtp_username: str | None = None
    smtp_password: str | None = None
    # The address that e-mails come from.
    mail_from: str | None = None
    # "file" (a text file per message into `sms_spool`) or "smtp" (an e-mail to
    # <number>@`sms_gateway`); none: no SMS.
    sms_sender: str | None = None
    sms_spool: str | None = None
    sms_gateway: str | None = None
    # What calendar feeds tell beyond place and hour: "none", "reason" or "initials" (both).
    feed_details: str = "none"
    # True: at its hour a kiosk is called also where nobody marked the resident as arrived.
    calls_at_the_hour: bool = False
    # How long an appointment whose call failed, and one whose resident has not come, keep
    # kiosk and counter from those who wait in a line.
    failed_call_kept_minutes: int = 5
    late_resident_kept_minutes: int = 10
    # Who is told when a machine needs somebody, by e-mail: addresses between blanks.
    alert_mail: str | None = None
    # An https address to which the same is sent.
    alert_webhook: str | None = None
    # With what that is signed; needed with `alert_webhook`.
    alert_webhook_secret: str | None = None
    # After so long, while town halls work, a kiosk's silence is told though nobody is expected.
    alert_silent_hours: int = 72
    # After so many open days without an appointment that took place a relay is told of; 0: never.
    alert_unused_days: int = 14
    # After so many days without hours, or open days without a counsellor who could be called,
    # an organisation is told of; 0: never.
    alert_unattended_days: int = 3
    # From so many calls that nobody took within a week an organisation is told of; 0: never.
    alert_missed_calls: int = 5
    # After so many open days without a look at its paper a kiosk is told of; 0: never.
    alert_paper_days: int = 5
    # What is to be shown to read /metrics; none: it is not there.
    metrics_token: str | None = None
    # The server's certificate, whose end is watched.
    certificate_file: str | None = None
    # Where `guichet-server backup` says how it went; none: no backup is watched.
    backup_result: str | None = None
    # Where `guichet-server watch` says what it found; none: nobody looks.
    watch_result: str | None = None
    # The keys that call for help at a kiosk, by their names in browsers, between blanks.
    help_keys: str = "F1 Help Space Enter"
    # The kiosks whose second screen is black and white, in outlines: slugs, between blanks.
    strong_contrast_kiosks: str = ""
    # The kiosks whose feeder takes the written side down: slugs, between blanks.
    face_down_feeder_kiosks: str = ""
    # Recordings of a person's voice for the kiosks' scenes (LANGUAGE/SCENE.opus); where one is
    # missing, or none: the server's own voice.
    recordings_dir: str | None = None

    @property
    def restored(self) -> datetime | None:
        """Give when an older copy of the database was put back; None: never."""
        return _instant(self.restored_at) if self.restored_at else None

    @property
    def pilots(self) -> frozenset[str]:
        """Give the kiosks that try a new version first."""
        return frozenset(self.repository_pilots.split())

    def __repr__(self) -> str:
        """Show no value: several are secret."""
        return "Settings(...)"


_KINDS: dict[str, type] = {
    field.name: (bool if field.type is bool else int if field.type is int else str)
    for field in fields(Settings)
}


def load_settings(
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    *,
    needed: tuple[str, ...] = NEEDED,
    **command_line: Any,
) -> Settings:
    """Merge the sources; a command-line value of None counts as not given.

    Raises SettingsError naming the key, never its value.
    """
    values: dict[str, Any] = {}
    if file is not None:
        values.update(_from_file(file))
    values.update(_from_environment(environment))
    values.update({k: v for k, v in command_line.items() if v is not None})
    for key in NEEDED:
        if key not in needed:
            values.setdefault(key, "")
        elif not values.get(key):
            raise SettingsError(
                f"{key} is missing: give it in the file of --config or as "
                f"{ENVIRONMENT_PREFIX}{key.upper()}"
            )
    if values.get("site_url") and not _SITE_URL.fullmatch(values["site_url"]):
        raise SettingsError('site_url must be like "https://guichet.example"')
    if values.get("alert_webhook") and not values.get("alert_webhook_secret"):
        raise SettingsError("alert_webhook needs alert_webhook_secret, which signs it")
    if values.get("alert_mail") and not values.get("smtp_host"):
        raise SettingsError("alert_mail needs smtp_host: by which server to send it")
    if values.get("restored_at") and _instant(values["restored_at"]) is None:
        raise SettingsError('restored_at must be like "2026-11-27T02:30:00+00:00"')
    repository = values.get("repository_uri")
    if repository and not repository.startswith("https://"):
        raise SettingsError(
            'repository_uri must be like "https://guichet.example/depot": kiosks take'
            " packages by HTTPS alone"
        )
    _check_trunk(values)
    if values.get("second_factor", "optional") not in list(SecondFactorOf):
        known = ", ".join(SecondFactorOf)
        raise SettingsError(f"second_factor must be one of: {known}")
    _check_provider(values)
    if fault := fault_of(values):
        raise SettingsError(fault)
    contact = values.get("security_contact")
    if contact and not _CONTACT.fullmatch(contact):
        raise SettingsError(
            'security_contact must be like "securite@mairie.example" or an https address'
        )
    return Settings(**values)


def _check_provider(values: Mapping[str, Any]) -> None:
    issuer = values.get("oidc_issuer")
    if not issuer:
        return
    if not _PROVIDER.fullmatch(issuer):
        raise SettingsError(
            'oidc_issuer must be like "https://auth.example.gouv.fr/api"'
        )
    for needed in ("oidc_client_id", "oidc_client_secret", "site_url"):
        if not values.get(needed):
            raise SettingsError(
                f"oidc_issuer needs {needed}: see docs/single-sign-on.md"
            )


def _check_trunk(values: Mapping[str, Any]) -> None:
    for key, (form, example) in _TRUNK.items():
        if values.get(key) and not form.fullmatch(values[key]):
            raise SettingsError(f"{key} must be like {example}")


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _from_file(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text())
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: {error}") from error
    for key, value in values.items():
        if key not in _KINDS:
            raise SettingsError(f"{file}: unknown key {key!r}")
        if type(value) is not _KINDS[key]:
            raise SettingsError(f"{file}: {key} must be a {_KINDS[key].__name__}")
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, kind in _KINDS.items():
        name = ENVIRONMENT_PREFIX + key.upper()
        if name in environment:
            values[key] = _converted(name, environment[name], kind)
    return values


def _converted(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        raise SettingsError(f"{name} must be true or false")
    try:
        return kind(text)
    except ValueError as error:
        raise SettingsError(f"{name} must be a {kind.__name__}") from error
