# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tells open pages that something changed: one number for each change, and nothing else.

It renders nothing and knows no name: a page that is told asks the pages' server for what it
shows. One process holds all streams; see docs/serving.md.
"""
