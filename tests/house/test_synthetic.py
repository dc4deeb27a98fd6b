# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""No person can be meant by what stands here: numbers that look like a person's are from ranges that are nobody's."""

import re
from datetime import date

import pytest

from tests.house.tree import ROOT, name, run

# GB 11643: seventeen digits and a check character.
IDENTITY_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
# GB/T 2260 gives no place the codes from 99; so no person has such a number.
NOWHERE = "99"

MOBILE_NUMBER = re.compile(r"(?<![0-9A-Za-z.])1[3-9]\d{9}(?![0-9A-Za-z])")
# No number block 0000 is given out to subscribers.
NOBODY = "0000"


def text_files() -> list[tuple[str, str]]:
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").stdout.split("\0")
    files = [ROOT / path for path in listed if path and not path.endswith(".lock")]
    return [(name(path), path.read_text(encoding="utf-8", errors="ignore")) for path in files if path.is_file()]


def could_be_issued(number: str) -> bool:
    """Whether region, date of birth and check character are all as in a number that was given to somebody."""
    try:
        born = date.fromisoformat(number[6:14])
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return (
        1900 <= born.year <= 2100
        and number[17].upper() == CHECK_CHARACTERS[total % 11]
        and not number.startswith(NOWHERE)
    )


def test_no_identity_number_of_a_person() -> None:
    found = {path for path, text in text_files() if any(map(could_be_issued, IDENTITY_NUMBER.findall(text)))}

    assert found == set()


def test_no_mobile_number_of_a_person() -> None:
    found = {path for path, text in text_files() if any(NOBODY not in hit for hit in MOBILE_NUMBER.findall(text))}

    assert found == set()


@pytest.mark.parametrize("region", ["110101", "510504"])
def test_the_scan_would_see_one(region: str) -> None:
    stem = f"{region}19900307{123}"
    total = sum(int(digit) * weight for digit, weight in zip(stem, WEIGHTS, strict=True))

    assert could_be_issued(stem + CHECK_CHARACTERS[total % 11])
    assert not could_be_issued(stem + CHECK_CHARACTERS[(total + 1) % 11])
