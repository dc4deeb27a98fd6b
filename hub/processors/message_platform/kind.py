# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``message_platform``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.families.services import notice_dispatched, notice_reported
from contracts.fault import Fault
from contracts.located import Located
from contracts.notices.templates import Templates, load_templates
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.message_platform.config import PlatformConfig
from hub.processors.message_platform.platform import MessagePlatform
from hub.processors.processor import Known, Processor


class MessagePlatformKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="message_platform",
        title=Text("统一消息平台", "Message platform"),
        summary=Text(
            "按模板把通知依次经短信、邮件、即时消息、语音等渠道送达；遵守免打扰时段与频次，过期不发。",
            "Sends notices by text message, mail, instant message or voice, one after the other, from templates; keeps quiet "
            "hours and a pace, and drops what has expired.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=False,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = PlatformConfig
    expiries = frozenset({"NOTICE_EXPIRED", "NOTICE_REVOKED"})
    emits = frozenset({notice_dispatched.CONTRACT.type, notice_reported.CONTRACT.type})

    def faults(self, settings: PlatformConfig, source: Located, known: Known) -> Sequence[Fault]:
        """The file of templates, the channels' destinations, the secret."""
        home = Path(source.file).parent
        loaded = load_templates(home / settings.templates)
        faults = [] if isinstance(loaded, Templates) else list(loaded)
        for channel, destination in settings.channels.items():
            if destination not in known.destinations:
                there = ", ".join(sorted(known.destinations))
                faults.append(
                    Fault(
                        "NAME_UNKNOWN",
                        f"channels.{channel}",
                        source.at(("channels", channel)),
                        Text(f"没有这个目的地：{destination}。", f"There is no destination '{destination}'."),
                        Text(f"现有：{there}", f"There are: {there}"),
                    )
                )
        if settings.number_secret.name not in known.secrets:
            faults.append(
                Fault(
                    "SECRET_UNKNOWN",
                    "number_secret",
                    source.at(("number_secret",)),
                    Text("secrets 中没有这个密钥。", "There is no secret of this name."),
                    Text("请在 secrets 下登记，并在此写它的名称。", "Name it under secrets, and write that name here."),
                )
            )
        return faults

    def reckons(self, _settings: PlatformConfig, /) -> bool:
        """Quiet hours go by the weekday in a year that nobody told."""
        return False

    def processor(
        self, settings: PlatformConfig, home: Path, secret: Callable[[str], str], clock: LegalClock, /
    ) -> Processor:
        """With its templates as they are now."""
        templates = load_templates(home / settings.templates)
        assert isinstance(templates, Templates), "its faults were told"
        return MessagePlatform(settings, templates, secret, clock.calendar)


KIND = MessagePlatformKind()
