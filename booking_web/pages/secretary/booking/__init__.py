# SPDX-License-Identifier: AGPL-3.0-or-later
"""The booking form: what it asks for, what it offers, what becomes of it."""
