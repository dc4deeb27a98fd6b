# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sealing before delivery (先用印后交付): a licence whose file needs a seal goes to the seal service, and only then onward.

config    which seal goes on which licences
sealer    the processor
kind      what a deployment sees of it
"""

from hub.processors.sealing.kind import KIND as KIND
