# SPDX-License-Identifier: AGPL-3.0-or-later
"""The apt repository by which kiosks are kept up to date: pilots first, then all of them.

aptly holds the packages and publishes them; what is here says which, and when.
"""
