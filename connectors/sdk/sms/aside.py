# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a person's message goes that the hub refuses: a file, with the reason. It is personal: mode 0600."""

import os
import re
from pathlib import Path

import orjson

from connectors.sdk.source import Item, Refused


def lay_aside(folder: Path, key: str, item: Item, refused: Refused) -> bool:
    """Write one file, durably, named after the message; the same one again takes its place. False where it cannot be written."""
    path = folder / f"{re.sub(r'[^0-9A-Za-z.-]', '_', key)[:150]}.json"
    told = {
        "code": refused.code,
        "problem": refused.problem.decode("utf-8", "replace"),
        "content_type": item.content_type,
        "headers": dict(item.headers),
        "body": item.body.decode("utf-8", "replace"),
    }
    temporary = path.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, orjson.dumps(told))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError:
        return False
    return True
