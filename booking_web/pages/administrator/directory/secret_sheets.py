# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk or a counsellor's phone starts from, on a sheet that is shown once.

The same as `guichet-provision rotate-secret --print` and `--bundle` give.
"""

from flask_babel import gettext

from booking_web.pages.administrator.answers import Sheet
from booking_web.shell.kiosk_site import access_of_site
from provisioning.bundles.bundle import (
    CA_FILE,
    Access,
    DeviceNames,
    bundle_of,
    with_authority,
)
from provisioning.directory.service import Outcome
from provisioning.inventory.plan import Kind
from provisioning.inventory.toml_text import to_toml


def sheet_of(
    outcome: Outcome, said: str, back: str, devices: DeviceNames = DeviceNames()
) -> Sheet:
    """Give the sheet of the one new SIP secret of the outcome."""
    [secret] = outcome.sip_secrets
    lines = [
        (gettext("Nom d'utilisateur"), secret.slug),
        (gettext("Mot de passe"), secret.secret),
    ]
    if secret.token is not None:
        lines.append((gettext("Jeton de la borne"), secret.token))
    if secret.screen_code is not None:
        lines.append((gettext("Code du second écran"), secret.screen_code))
    access = access_of_site()
    if access is None:
        return Sheet(secret.slug, said, lines, back)
    server = f"{access.server}:{access.port}"
    lines.insert(0, (gettext("Serveur"), server))
    document = bundle_of(secret, outcome.directory, access, devices)
    if access.ca is not None and secret.slug not in outcome.directory[Kind.KIOSK]:
        # One file is all that a counsellor is handed.
        document = with_authority(document, access.ca)
    return Sheet(
        secret.slug,
        said,
        lines,
        back,
        file=(f"{secret.slug}.toml", to_toml(document)),
        next_steps=_next_steps(secret.slug, outcome, access),
    )


def question_of_renewal() -> str:
    """Ask before a secret is replaced that a machine works with."""
    return gettext(
        "L'ancien secret ne marche plus aussitôt : il faut porter le nouveau sur la "
        "machine. Un appel en cours continue."
    )


def question_of_end() -> str:
    """Ask before the secret of a page that is open ends."""
    return gettext(
        "Le secret actuel ne marche plus aussitôt. Le téléphone du conseiller en demande un "
        "autre quand sa page s'ouvre. Un appel en cours continue."
    )


def _next_steps(slug: str, outcome: Outcome, access: Access) -> list[str]:
    if slug in outcome.directory[Kind.KIOSK]:
        steps = [
            gettext("Enregistrez le fichier sur la borne, lisible d'elle seule."),
            gettext("Démarrez-la : guichet-kiosk run %(name)s.toml", name=slug),
        ]
        if access.ca is not None:
            beside = gettext(
                "Placez à côté %(name)s, l'autorité du serveur.", name=CA_FILE
            )
            steps.insert(1, beside)
        return steps
    return [
        gettext("Remettez le fichier ou ces lignes au conseiller, en main propre."),
        gettext(
            "Sur son ordinateur : guichet-counsellor set-up %(name)s.toml", name=slug
        ),
    ]
