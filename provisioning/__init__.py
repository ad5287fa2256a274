# SPDX-License-Identifier: AGPL-3.0-or-later
"""What exists: relays, kiosks, organisations, people and their SIP identities."""
