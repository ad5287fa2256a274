# SPDX-License-Identifier: AGPL-3.0-or-later
"""The devices of a kiosk: a code of the counsellor becomes a print or a scan.

Runs with no SIP at all; what is keyed in a call comes in over a Unix socket (`call.link`).
"""

VERSION = "1"
