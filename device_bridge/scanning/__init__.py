# SPDX-License-Identifier: AGPL-3.0-or-later
"""Paper in: the port of a scanner, its adapters, and one scan from its pages to a PDF."""
