# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The examples of a contract: the valid ones as they are, the others with what is wrong with them."""

import json
from collections.abc import Iterator

from contracts.contract import Contract
from contracts.documents.page import Block, Code, Folded, Heading, Listing, Table, Words, words
from contracts.example import Example
from contracts.refusal_codes import CODES
from contracts.text import Text
from contracts.violation_codes import VIOLATION_CODES

_HEAD = (Text("代码", "Code"), Text("位置", "Place"), Text("含义", "Meaning"))


def examples(contract: Contract) -> Iterator[Block]:
    """First those that the contract takes, in full; then those it refuses, folded."""
    anchor = f"v{contract.version}-examples"
    yield Heading(3, (words("示例", "Examples"),), anchor)
    for example in contract.examples:
        if example.valid:
            yield Folded((words("有效：", "Valid: "), _name(example)), (_listing(example),))
    for example in contract.examples:
        if not example.valid:
            yield Folded((words("无效：", "Invalid: "), _name(example)), (_violations(example), _listing(example)))


def _name(example: Example) -> Words:
    """Names are written in Chinese and English with a slash between them, or in one of the two alone."""
    zh, slash, en = example.name.partition(" / ")
    return Words(Text(zh, en) if slash else Text(example.name, example.name))


def _listing(example: Example) -> Listing:
    text = json.dumps(example.data, ensure_ascii=False, indent=2)
    return Listing("json", Text(text, text))


def _violations(example: Example) -> Table:
    return Table(
        _HEAD, tuple(((Code(code),), (Code(path),), (Words(_meaning(code)),)) for code, path in example.expect)
    )


def _meaning(code: str) -> Text:
    known = VIOLATION_CODES.get(code)
    return known or (CODES[code].title if code in CODES else Text(code, code))
