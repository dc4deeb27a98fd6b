# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The mailbox kind: sending is leaving a message where it already is."""

from typing import Self

from connectors.mailbox.config import MailboxConfig
from connectors.sdk import Accepted, Context, Delivered, Idempotency, Manifest, Outcome, Parcel, Sink
from contracts.text import Text


class MailboxSink:
    """Holds nothing and calls nobody: the message lies in the journal until the department acknowledges it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing to release."""

    async def send(self, parcel: Parcel) -> Outcome:
        """``Accepted`` under the idempotency key, which is the handle the department acknowledges by."""
        return Accepted(parcel.idempotency_key)

    async def query(self, idempotency_key: str) -> Outcome:
        """Still waiting to be acknowledged: whoever was told ``Accepted`` once is told so again."""
        return Accepted(idempotency_key)

    async def check(self) -> Outcome:
        """There is no far side that could be away."""
        return Delivered()


class MailboxConnector:
    """``manifest`` keeps a case's lane until the acknowledgement, so no department sees a later message first."""

    manifest = Manifest(
        kind="mailbox",
        title=Text("信箱（部门主动领取）", "Mailbox (the department fetches)"),
        summary=Text(
            "部门没有可被调用的接口时：消息放在中枢，部门来领取并确认。",
            "For a department that can only call out: its messages wait in the hub, and it fetches and acknowledges them.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        ordered_completion=True,
    )
    config = MailboxConfig

    def promises(self, config: MailboxConfig) -> Manifest:  # noqa: ARG002  # because the port asks for it
        """The same for every mailbox."""
        return self.manifest

    def sink(self, config: MailboxConfig, context: Context) -> Sink:  # noqa: ARG002  # because the port asks for them
        """A sink without state."""
        return MailboxSink()


CONNECTOR = MailboxConnector()
