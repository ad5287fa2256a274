# SPDX-License-Identifier: AGPL-3.0-or-later
"""A softphone in the place of our own counsellor: its account and its three settings."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from stage.stack import Stage


@dataclass(frozen=True)
class SoftphoneAccount:
    """What a person types into their softphone, and whose place it takes."""

    user: str
    secret: str
    server: str
    organisation: str
    # The counsellors of ours that must not answer before the softphone.
    replaces: list[str]


def add_softphone(
    stage: Stage, organisation: str, *, in_clear: bool = True
) -> SoftphoneAccount:
    """Provision a softphone for the organisation; raises LookupError where there is none."""
    members = {
        endpoint.slug: _organisations(endpoint.bundle)
        for endpoint in stage.counsellors()
    }
    known = sorted({name for names in members.values() for name in names})
    if organisation not in known:
        raise LookupError(
            f"no organisation {organisation!r}: choose one of {', '.join(known)}"
        )
    kind = "softphone" if in_clear else "encrypted"
    slug = f"counsellor-{organisation}-{kind}"
    stage.provision(
        "add-counsellor",
        slug,
        *("--name", "Téléphone logiciel"),
        *("--organisation", organisation),
        *("--softphone", *(["--in-clear"] if in_clear else [])),
        *("--secrets-dir", str(stage.directory / "softphone")),
        *("--sip-server", stage.options.bind),
        *("--sip-port", str(stage.ports.sip_tls)),
    )
    bundle = tomllib.loads(
        (stage.directory / "softphone" / f"{slug}.toml").read_text(encoding="utf-8")
    )
    return SoftphoneAccount(
        user=slug,
        secret=bundle["sip"]["secret"],
        server=f"{stage.options.bind}:{stage.ports.sip}",
        organisation=organisation,
        replaces=[slug for slug, names in members.items() if organisation in names],
    )


def softphone_lines(phone: SoftphoneAccount) -> list[str]:
    """Say the three settings, for a person to type."""
    return [
        f"Your softphone answers for {phone.organisation} (UDP or TCP, DTMF by SIP INFO):",
        f"  user name  {phone.user}",
        f"  password   {phone.secret}",
        f"  server     {phone.server}",
        "",
    ]


def _organisations(bundle: Path) -> list[str]:
    values = tomllib.loads(bundle.read_text(encoding="utf-8"))
    organisations: list[str] = values["counsellor"]["organisations"]
    return organisations
