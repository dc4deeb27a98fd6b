# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Materials to follow (容缺): what an acceptance or an opinion lets follow is told once, and again when it has come or is late.

config   by when, which materials may follow at all, what happens when time is up
lists    who lets which materials follow
missing  how each material stands: a pure table
tracker  the processor
kind     what a deployment sees of it
"""

from hub.processors.supplementing.kind import KIND as KIND
