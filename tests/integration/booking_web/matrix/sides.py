# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose the objects are that each route is tried with, and the words by which they are known."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
    """Whose the objects are: which town hall keeps the residents, who receives them, where."""

    home: str
    kiosk: str
    relay: str
    organisation: str

    @property
    def email(self) -> str:
        """Give who books there."""
        return f"mairie@{self.home}.example"


# A kiosk holds one call: Wassigny and Guise have two each.
SIDES = {
    "own": Side("wassigny", "kiosk-wassigny", "wassigny", "msa"),
    "same_kiosk": Side(
        "guise", "kiosk-wassigny-2", "wassigny", "sous-prefecture-vervins"
    ),
    "same_organisation": Side("guise", "kiosk-guise-2", "guise", "msa"),
    "foreign": Side("guise", "kiosk-guise", "guise", "sous-prefecture-vervins"),
}
# A word of each name, title and label; no page has it of itself.
WORDS = {
    "own": "Proprette",
    "same_kiosk": "Mitoyennette",
    "same_organisation": "Consoeurine",
    "foreign": "Lointaine",
}
# Of the residents' postal addresses, which their town hall keeps; and of their names in its
# register, but for one's own.
STREETS = {
    "own": "Coquerelle",
    "same_kiosk": "Grenadelle",
    "same_organisation": "Palombette",
    "foreign": "Brusquine",
}
