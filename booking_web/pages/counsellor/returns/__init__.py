# SPDX-License-Identifier: AGPL-3.0-or-later
"""Printed forms: print a draft, see what came back, ask for the rest, keep what is signed."""
