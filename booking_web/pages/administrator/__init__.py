# SPDX-License-Identifier: AGPL-3.0-or-later
"""The administrator's pages: people, relays, kiosks, organisations, reasons, papers."""
