# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that exchanges files: in a local or mounted folder, by SFTP or by FTP; each message is one file, in and out.

place, config      the settings
file_system        the port to wherever the files lie
local, sftp, ftp   its adapters; opening chooses; ftp_replies: what FTP servers say
lease              who may take files out of a folder that two hubs can reach
naming             the name of a file that is published
digests, sidecar   what may lie beside a file
sink               publishes
finding            which files lie there whole, in order, without listing everything each time
reading            from a file to a message
source             takes them in; settling and archive: what becomes of them afterwards
connector          the manifest
"""

from connectors.file_drop.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
