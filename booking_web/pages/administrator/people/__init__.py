# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of people: who signs in, as what and where."""
