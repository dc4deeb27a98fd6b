# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Business transactions (业务事务与补偿): steps at several destinations, undone in reverse when one fails. Saga

config        the steps, what each sends, how it is undone
values        how the data of a step is written out of what came before
survey        how the steps stand: a pure table
coordinator   the processor
checks        what is wrong with settings beyond their form
kind          what a deployment sees of it
"""

from hub.processors.transaction.kind import KIND as KIND
