# SPDX-License-Identifier: AGPL-3.0-or-later
"""Captions at the kiosk: what the counsellor says, written by a machine on the second screen."""
