# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Supervision (电子监察): every case is held against the rules day by day, and who breaks one is warned, once for each.

config      which rules, in whose name, when
case_file   what is known of a case, from what has joined
persons     who holds the supervised roles, and what they are told
supervisor  the processor
kind        what a deployment sees of it
"""

from hub.processors.supervision.kind import KIND as KIND
