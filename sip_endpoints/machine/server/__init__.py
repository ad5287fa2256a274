# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server as this machine sees it before and beside any call."""
