# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Contracts as something that is published: packages, the lock, what a change breaks, the conventions, and scaffolds for them."""
