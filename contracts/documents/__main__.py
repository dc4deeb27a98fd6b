# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m contracts.documents [FOLDER]``: write the generated pages, into ``docs`` unless told otherwise."""

import sys
from pathlib import Path

from contracts.documents.files import write

if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
