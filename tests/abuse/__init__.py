# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Abuse that no other room's tests are about. ``docs/threat-model.md`` leads from each threat to its tests, wherever they are."""
