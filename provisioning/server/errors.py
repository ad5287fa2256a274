# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can go wrong on the server's machine, in words for who administers it."""


class ServerError(Exception):
    """Something cannot be done on this machine; the message says what to do about it."""
