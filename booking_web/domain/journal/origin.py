# SPDX-License-Identifier: AGPL-3.0-or-later
"""From where the act comes that is being written down: an address, or nowhere else."""

from contextvars import ContextVar

_ORIGIN: ContextVar[str] = ContextVar("journal_origin", default="")


def comes_from(address: str) -> None:
    """Have what is written from now on in this context come from that address."""
    _ORIGIN.set(address)


def origin() -> str:
    """Give the address; empty where one of the site's own programs acts by itself."""
    return _ORIGIN.get()
