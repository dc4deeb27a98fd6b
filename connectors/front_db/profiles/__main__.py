# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m connectors.front_db.profiles national_v4 mysql`` prints what makes a profile's tables. 打印建表语句"""

import sys
from typing import Final, cast

from connectors.front_db.profiles import Profile, ddl
from connectors.front_db.profiles.statements import Make

_PROFILES: Final = ("national_v3", "national_v4", "supervision")
_MAKES: Final = ("postgresql", "mysql")
_WORDS: Final = 2


def main(words: list[str]) -> int:
    """What was asked for, on standard output; 2 when nobody knows it."""
    if len(words) != _WORDS or words[0] not in _PROFILES or words[1] not in _MAKES:
        sys.stderr.write(f"{' | '.join(_PROFILES)}   {' | '.join(_MAKES)}\n")
        return 2
    sys.stdout.write(ddl(cast("Profile", words[0]), cast("Make", words[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
