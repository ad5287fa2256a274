# SPDX-License-Identifier: AGPL-3.0-or-later
"""The front: nginx with a configuration of ours, before the pages and their live streams."""
