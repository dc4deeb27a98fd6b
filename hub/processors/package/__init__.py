# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Packages (套餐): one application becomes departments' applications, whose results are put together again. Splitter, Aggregator

config    who handles which item, in which order, by when
parts     how each part stands: a pure table
divider   the processor
kind      what a deployment sees of it
"""

from hub.processors.package.kind import KIND as KIND
