# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the fleet's page says of the rings: which version each is given, and who tries it."""

from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.base.published_rings import SiteRings
from booking_web.words.fleet import moment_words


def ring_lines(rings: SiteRings, zone: ZoneInfo) -> tuple[str, ...]:
    """Say what pilots and the other kiosks are given; nothing where nothing is published."""
    published = rings.published
    if published is None:
        return ()
    pilots = ", ".join(sorted(rings.pilots))
    pilot = published.pilot or gettext("aucune version")
    if published.tried_since is not None:
        pilot = gettext(
            "%(version)s, à l'essai depuis : %(moment)s",
            version=pilot,
            moment=moment_words(published.tried_since, zone),
        )
    if not pilots:
        return (
            _of_all(published.stable),
            *([_nobody_tries(published.pilot)] if published.tried_since else []),
        )
    first = gettext(
        "Bornes pilotes (%(kiosks)s) : %(version)s", kiosks=pilots, version=pilot
    )
    return (first, _of_all(published.stable))


def _of_all(version: str) -> str:
    return gettext(
        "Autres bornes : %(version)s", version=version or gettext("aucune version")
    )


def _nobody_tries(version: str) -> str:
    return gettext(
        "%(version)s attend : aucune borne n'est pilote. Sur le serveur, nommez-en dans "
        "server.toml, ou tapez : guichet-server promote --now",
        version=version,
    )
