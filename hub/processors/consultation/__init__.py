# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Consultations (征求意见、并联审批、会签): one question to several departments, whose opinions come back as one. Scatter-Gather

config    how long departments have, what shortens that, when they are reminded
opinions  how each of those asked stands: a pure table
gatherer  the processor
kind      what a deployment sees of it
"""

from hub.processors.consultation.kind import KIND as KIND
