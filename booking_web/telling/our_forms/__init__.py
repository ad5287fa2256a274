# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms of our own making, in plain French, that any organisation may take into its library."""
