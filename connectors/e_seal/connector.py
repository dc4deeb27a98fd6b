# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind: electronic seals by a seal platform."""

from dataclasses import replace

from connectors.e_seal.config import CallbackConfig, SealConfig
from connectors.e_seal.receiver import SealCallbacks
from connectors.e_seal.sink import SealSink
from connectors.sdk import Context, Idempotency, Manifest, Metric, MetricKind, Receiver, Rendering, Role, Sink
from contracts.text import Text


class SealConnector:
    """Tasks out, callbacks in; what is sealed is verified here. Its promise depends on whether the platform can be asked."""

    manifest = Manifest(
        kind="e_seal",
        title=Text("电子签章平台", "Seal platform"),
        summary=Text(
            "CA 电子签章：按引用号建任务，只用印一次；回调仅作提示，取回的文件在本地核验后才交付。",
            "Electronic seals: a task under a reference seals once; a callback is a hint, and a file is verified here before "
            "anyone receives it.",
        ),
        idempotency=Idempotency.QUERYABLE,
        ordered=False,
        rendering=Rendering.DATA,
        max_body_bytes=1024 * 1024,
        roles=frozenset({Role.SINK, Role.RECEIVER}),
        concurrency=8,
        receipts=True,
        metrics=(
            Metric(
                name="verified_files",
                kind=MetricKind.COUNTER,
                title=Text("核验通过的签章文件", "Sealed files that were verified and handed on"),
            ),
            Metric(
                name="refused_files",
                kind=MetricKind.COUNTER,
                title=Text("核验未通过、未交付的文件", "Files that did not verify and were handed to nobody"),
            ),
        ),
    )
    config = SealConfig
    receiver_config = CallbackConfig

    def promises(self, config: SealConfig) -> Manifest:
        """Where the platform cannot be asked by reference, a lost answer waits for a person."""
        asked = config.interface.find is not None
        return replace(self.manifest, idempotency=Idempotency.QUERYABLE if asked else Idempotency.NONE)

    def sink(self, config: SealConfig, context: Context) -> Sink:
        """A sink for one platform."""
        return SealSink(config, context)

    def receiver(self, config: CallbackConfig, context: Context) -> Receiver:
        """The address that the platform calls back."""
        return SealCallbacks(config, context)


CONNECTOR = SealConnector()
