# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Notices to the applicant (告知申请人): at the moments of a case that are configured, by template, once.

config      which moments, which templates, what stands in them
moments     which moment a message is: a pure table
notifier    the processor
kind        what a deployment sees of it
"""

from hub.processors.applicant_notices.kind import KIND as KIND
