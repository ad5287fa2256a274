# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages: one room for each who reads them, and the rows that they share."""
