# SPDX-License-Identifier: AGPL-3.0-or-later
"""French public holidays, by the `holidays` library."""

from datetime import date
from functools import cache

import holidays

# Elsewhere in France the national holidays hold.
_REGION_OF_ZONE = {
    "America/Cayenne": "973",
    "America/Guadeloupe": "971",
    "America/Marigot": "MF",
    "America/Martinique": "972",
    "America/Miquelon": "PM",
    "America/St_Barthelemy": "BL",
    "Indian/Mayotte": "976",
    "Indian/Reunion": "974",
    "Pacific/Gambier": "PF",
    "Pacific/Marquesas": "PF",
    "Pacific/Noumea": "NC",
    "Pacific/Tahiti": "PF",
    "Pacific/Wallis": "WF",
}
ALSACE_MOSELLE = "57"


def region_of(time_zone: str, chosen: str = "") -> str:
    """Give the subdivision whose holidays hold: the chosen one, else that of the zone."""
    return chosen or _REGION_OF_ZONE.get(time_zone, "")


@cache
def holidays_of(year: int, region: str, language: str = "fr") -> dict[date, str]:
    """Give the public holidays of a year with their names, by day."""
    found = holidays.country_holidays(
        "FR",
        subdiv=region or None,
        years=year,
        language="en_US" if language == "en" else "fr",
    )
    return dict(sorted(found.items()))


def holiday_name(day: date, region: str, language: str = "fr") -> str | None:
    """Give the name of the public holiday that the day is, if it is one."""
    return holidays_of(day.year, region, language).get(day)
