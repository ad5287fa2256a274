# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of relays, kiosks, organisations, counsellors' phones, reasons and papers."""
