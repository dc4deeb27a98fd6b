# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Acceptance with materials to follow (容缺受理): what is missing is told once, and again when it has come or is late.

config   by when, which materials may follow at all, what happens when time is up
missing  how each material stands: a pure table
tracker  the processor
kind     what a deployment sees of it
"""

from hub.processors.supplementing.kind import KIND as KIND
