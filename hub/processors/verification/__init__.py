# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Verification (核验): what an application states is compared with registers, by lookups, before the application goes on.

config     which registers, what is compared, what follows
verdicts   what a finding says of the statements: pure, and nothing of what the register holds
verifier   the processor
kind       what a deployment sees of it
"""

from hub.processors.verification.kind import KIND as KIND
