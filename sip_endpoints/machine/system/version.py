# SPDX-License-Identifier: AGPL-3.0-or-later
"""The version of what is installed; written in setup.cfg alone."""

from importlib.metadata import version

DISTRIBUTION = "guichet-virtuel"


def product_version() -> str:
    """Give the version of our distribution."""
    return version(DISTRIBUTION)
