# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a mailbox is fetched from."""

from pydantic import BaseModel, Field

from connectors.sdk import STRICT


class MailboxConfig(BaseModel):
    """The settings of one mailbox. Seconds throughout; the bounds keep one department from starving the others."""

    model_config = STRICT

    lease_seconds: int = Field(
        title="领取后多久未确认，即可再次领取（秒）。",
        default=60,
        ge=5,
        le=3600,
        description="How long a fetched message is hidden from the next fetch, in seconds; "
        "not acknowledged by then, it comes again.",
        examples=[60],
    )
    max_batch: int = Field(
        title="一次最多领取条数。",
        default=50,
        ge=1,
        le=500,
        description="The most messages one fetch may be given.",
        examples=[50],
    )
    max_lent: int = Field(
        title="每个中枢上，已领取而未确认的消息的上限；达到后须先确认或待租约到期。",
        default=1000,
        ge=1,
        le=10_000,
        description="The most messages that may be fetched and not acknowledged at a time, at each hub; who has so many is "
        "given no more until some are acknowledged or their lease runs out.",
        examples=[1000],
    )
    max_wait_seconds: int = Field(
        title="没有消息时，一次领取最长等待多久（长轮询，秒）；0 为立即答复。",
        default=30,
        ge=0,
        le=60,
        description="The longest an empty fetch may wait for a message (long poll), in seconds; 0 answers at once.",
        examples=[30],
    )
    max_age_seconds: int = Field(
        title="消息无人领取多久后，该目的地视为失管（秒）。",
        default=30 * 86_400,
        ge=60,
        le=366 * 86_400,
        description="How long a message may lie unfetched before health tells of the mailbox as neglected, in seconds.",
        examples=[2_592_000],
    )
