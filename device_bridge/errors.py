# SPDX-License-Identifier: AGPL-3.0-or-later
"""The base of every error of the device bridge."""


class BridgeError(Exception):
    """Something of the bridge failed; the subclasses say what."""
