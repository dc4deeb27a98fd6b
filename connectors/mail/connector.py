# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``mail``."""

from dataclasses import replace

from connectors.mail.config import MailConfig
from connectors.mail.sink import MailSink
from connectors.sdk import Context, Idempotency, Manifest, Rendering, Sink
from contracts.text import Text


class MailConnector:
    """Mail out. No server recognises a repeat, so what is in doubt waits for a person."""

    manifest = Manifest(
        kind="mail",
        title=Text("电子邮件", "Mail"),
        summary=Text(
            "经 SMTP 发出通知邮件，读取退信作为最终答复；也可把消息作为附件寄给只有邮箱的单位。",
            "Notices go out by SMTP, and bounces come back as final answers; any message can go as an attachment to a body "
            "that has nothing but a mailbox.",
        ),
        idempotency=Idempotency.NONE,
        ordered=False,
        rendering=Rendering.DATA,
        receipts=True,
        concurrency=8,
    )
    config = MailConfig

    def promises(self, config: MailConfig) -> Manifest:
        """Parcels go in the order of their cases."""
        return replace(self.manifest, ordered=config.carries == "parcel")

    def sink(self, config: MailConfig, context: Context) -> Sink:
        """A sink for one server."""
        return MailSink(config, context)


CONNECTOR = MailConnector()
