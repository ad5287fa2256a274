# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page that moves an appointment."""
