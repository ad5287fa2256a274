# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of those who look after the whole site: figures, and nobody's name."""
