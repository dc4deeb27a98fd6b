# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Made-up identifiers, right in every check character, and ways to break them."""

from hypothesis import strategies as st

from contracts.identifiers import citizen, licence, organisation, uscc

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def texts(alphabet: str, least: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=least if most is None else most)


ORGANISATIONS = texts(DIGITS + CAPITALS, 8).map(lambda body: body + organisation.check_character(body))
USCCS = texts(uscc.ALPHABET, 17).map(lambda body: body + uscc.check_character(body))
CITIZENS = st.builds(
    lambda region, born, sequence: f"99{region}{born:%Y%m%d}{sequence}",
    texts(DIGITS, 4),
    st.dates(),
    texts(DIGITS, 3),
).filter(lambda body: len(body) == 17).map(lambda body: body + citizen.check_character(body))  # fmt: skip
"""Of nobody: GB/T 2260 gives no place the codes from 99."""

PROJECTS = st.builds(
    "-".join, st.tuples(texts(DIGITS, 4), texts(DIGITS, 6), texts(DIGITS, 2), texts(DIGITS, 2), texts(DIGITS, 6))
)


def licence_of(kind: str, issuer: str, serial: str, version: str) -> str:
    check = licence.check_character(kind + issuer + serial + version)
    return f"1.2.156.3005.2.{kind}.{issuer}.{serial}.{version}.{check}"


LICENCES = st.builds(
    licence_of,
    st.builds(str.__add__, USCCS, texts(DIGITS, 3)),
    st.one_of(USCCS, texts(DIGITS, 6)),
    texts(DIGITS + CAPITALS, 1, 20),
    texts(DIGITS, 3),
)
NATIONAL_ITEMS = st.builds(
    lambda department, level, rest, handling: department + level + rest + handling,
    USCCS,
    st.sampled_from("1234567"),
    texts(DIGITS, 12),
    st.one_of(st.just(""), texts(DIGITS, 2)),
)
SICHUAN_ITEMS = st.builds(
    "-".join,
    st.tuples(
        st.one_of(texts(DIGITS + CAPITALS, 12), texts(DIGITS + CAPITALS, 14)),
        texts(DIGITS, 12),
        texts(DIGITS, 3),
        st.one_of(USCCS, ORGANISATIONS),
        texts(DIGITS, 1),
        texts(DIGITS, 2),
    ),
)


def changed(text: str, at: int, to: str) -> str:
    """The text with another character at one place (counted around the text)."""
    at %= len(text)
    return text[:at] + to + text[at + 1 :]


def swapped(text: str, at: int) -> str:
    """The text with two neighbours exchanged."""
    at %= len(text) - 1
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
