# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two XSD validators of different makers, which must agree."""

import xmlschema
from lxml import etree


class Validators:
    """libxml2 and xmlschema on the same schema; they must agree."""

    def __init__(self, schema: bytes) -> None:
        self._libxml2 = etree.XMLSchema(etree.fromstring(schema))
        self._xmlschema = xmlschema.XMLSchema10(schema.decode())

    def take(self, body: bytes) -> bool:
        taken = self._libxml2.validate(etree.fromstring(body))
        assert self._xmlschema.is_valid(body.decode()) == taken, self._libxml2.error_log
        return taken
