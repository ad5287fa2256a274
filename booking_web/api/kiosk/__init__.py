# SPDX-License-Identifier: AGPL-3.0-or-later
"""The API by which a kiosk's device bridge reaches the server, version 1."""
