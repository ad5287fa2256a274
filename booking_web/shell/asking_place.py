# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a request comes from, as limits count it."""

from flask import request

from booking_web.domain.rights.known_places import place_of


def asking_place() -> str:
    """Give the place of who asks: their address, of IPv6 the network of their line.

    One line has 2**64 addresses: whoever counts by these counts nothing.
    """
    return place_of(request.remote_addr)
