# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From settings to the file system they mean. A library is loaded only where it is needed."""

from connectors.file_drop.file_system import FileSystem
from connectors.file_drop.local import LocalFileSystem
from connectors.file_drop.place import PlaceConfig
from connectors.sdk import Context


def open_file_system(place: PlaceConfig, context: Context) -> FileSystem:
    """A file system that connects when it is first asked for something. Pure: touches nothing."""
    match place.carrier:
        case "local":
            return LocalFileSystem(place.folder.encode(place.name_encoding), (place.needs or "").encode())
        case "sftp":
            from connectors.file_drop.sftp import SftpFileSystem  # noqa: PLC0415  # because few deployments need it

            return SftpFileSystem(place, context)
        case "ftp" | "ftps":
            from connectors.file_drop.ftp import FtpFileSystem  # noqa: PLC0415  # because few deployments need it

            return FtpFileSystem(place, context)
