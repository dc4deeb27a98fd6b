# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind for files in a folder."""

from dataclasses import replace

from connectors.file_drop.config import SinkConfig, SourceConfig
from connectors.file_drop.sink import FileSink
from connectors.file_drop.source import FileSource
from connectors.sdk import Context, Idempotency, Manifest, Rendering, Role, Sink, Source
from contracts.text import Text


class FileDropConnector:
    """Files in a folder, both ways. What a destination promises depends on who reads the folder."""

    manifest = Manifest(
        kind="file_drop",
        title=Text("文件交换目录", "File drop"),
        summary=Text(
            "经目录收发文件：本机目录、SFTP 或 FTP；整体发布，绝不读到半个文件，处理后归档或移入出错目录。",
            "Files in a folder, both ways, on this machine, by SFTP or FTP: published whole, archived or set aside after.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        roles=frozenset({Role.SINK, Role.SOURCE}),
        concurrency=32,
    )
    config = SinkConfig
    source_config = SourceConfig

    def promises(self, config: SinkConfig) -> Manifest:
        """Native idempotency only where the configuration says that the reader keeps it."""
        return replace(
            self.manifest,
            idempotency=Idempotency(config.idempotency),
            rendering=Rendering.STRUCTURED if config.mode == "structured" else Rendering.DATA,
        )

    def sink(self, config: SinkConfig, context: Context) -> Sink:
        """A sink for one folder."""
        return FileSink(config, context)

    def source(self, config: SourceConfig, context: Context) -> Source:
        """A source for one folder."""
        return FileSource(config, context)


CONNECTOR = FileDropConnector()
