# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tells the clients of the API what happened to appointments (see docs/api.md)."""
