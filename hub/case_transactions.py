# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the messages of a case are to its business transactions. 业务事务"""

from collections.abc import Sequence

from hub.ports.journal import JournalDown, MessageView, TransactionPart, Transactions


async def parts_of(
    transactions: Transactions, messages: Sequence[MessageView]
) -> Sequence[TransactionPart] | JournalDown:
    """All of it, as long as the journal knows the transactions: 35 days after their end."""
    deliveries = [(message.id, one.id) for message in messages for one in message.deliveries]
    return await transactions.parts([message.id for message in messages], deliveries)
