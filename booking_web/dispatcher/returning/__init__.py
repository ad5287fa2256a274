# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls whose counsellor's page has gone: kept until it is back, or given up."""
