# SPDX-License-Identifier: AGPL-3.0-or-later
"""Paper out: the port of a printer, its adapters, and one print from document to last sheet."""
