# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server as the bridge sees it: the port, HTTPS behind it, and both sides' clocks."""
