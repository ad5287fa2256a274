# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site's figures in Prometheus's words, for who shows the token."""
