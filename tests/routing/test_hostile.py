# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables that mean harm: each is refused with file, line and remedy, and soon."""

import time

import pytest

from routing.table import load

ROUTE = "  - {name: a, when: {}, to: x}\n"
HEAD = "version: 1\nroutes:\n"
HOSTILE = {
    "depth": HEAD + "  - " + "[" * 5_000,
    "closed depth": HEAD + "  - " + "[" * 2_000 + "]" * 2_000,
    "aliases": "version: 1\na: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12))
    + "routes: *m\n",
    "an alias to itself": "version: 1\nroutes: &r [*r]\n",
    "a merge": "version: 1\nx: &x {name: a}\nroutes:\n  - {<<: *x, when: {}, to: y}\n",
    "a key twice": "version: 1\nroutes:\n  - {name: a, name: b, when: {}, to: x}\n",
    "a section twice": HEAD + ROUTE + "routes: []\n",
    "a tag": "version: 1\nroutes: !!python/object/apply:os.system ['true']\n",
    "a key that is a list": "version: 1\nroutes:\n  - {[a]: b}\n",
    "two documents": HEAD + ROUTE + "---\n" + HEAD + ROUTE,
    "size": HEAD + ROUTE + "#" * (4 * 2**20),
    "a control character": HEAD + '  - {name: a, when: {}, to: "\x01"}\n',
    "nothing": "",
    "a number": "1",
    "an unknown part": HEAD + ROUTE + "include: other.yaml\n",
    "a version that is not": "version: 2\nroutes: []\n",
    "a name twice": HEAD + ROUTE + ROUTE,
    "no destination": HEAD + "  - {name: a, when: {}, to: []}\n",
    "a purpose nobody stated": HEAD + "  - {name: a, when: {}, to: [{destination: x, purpose: y}]}\n",
    "it ends before it begins": HEAD + "  - {name: a, when: {}, to: [{destination: x, delay: 2h, expires: 1h}]}\n",
    "a long expression": HEAD + f'  - {{name: a, when: {{contract: c}}, if: "{"x" * 3_000}", to: x}}\n',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_it_is_refused_with_its_place_and_a_remedy(text: str) -> None:
    began = time.process_time()
    told = load(text, "routes.yaml")
    assert time.process_time() - began < 2.0
    assert isinstance(told, tuple), told
    for fault in told:
        assert fault.at.file == "routes.yaml"
        assert fault.at.line >= 1
        assert fault.remedy.zh
        assert fault.remedy.en
