# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mandates at an appointment: drawn up, printed, signed, revoked."""
