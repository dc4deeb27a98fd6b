# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's message: a valid application (申请) of about two kilobytes."""

import orjson

from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent

CONTRACT = "cn.gov.application.submitted"
_TARGET_BYTES = 2048
_ID, _CASE = "<id>", "<case>"  # what stands there until a body is asked for


class Payload:
    """Bodies that differ only in what must differ. The time of due is carried in the id, for the far side to measure by."""

    def __init__(self, cases: int, source: str = "bench") -> None:
        contract = builtin().versions(CONTRACT)[0]  # the version of the first baseline, to compare with it
        data = dict(max((e.data for e in contract.examples if e.valid), key=lambda d: len(orjson.dumps(d))))
        self._data = data
        self._cases = cases
        self._attributes = {
            "specversion": "1.0",
            "type": contract.type,
            "source": source,
            "dataschema": contract.schema_uri,
            "datacontenttype": "application/json",
        }
        while len(self._whole("", "")) < _TARGET_BYTES:
            data["materials"] = [*data["materials"], data["materials"][0]]
        written = self._whole(_ID, _CASE)
        before, _, rest = written.partition(_ID.encode())
        self._pieces = (before, *rest.split(_CASE.encode()))

    def event(self, number: int) -> CloudEvent:
        """The same as an event."""
        case = self._case(number)
        return CloudEvent(
            id=str(number),
            source=str(self._attributes["source"]),
            type=CONTRACT,
            subject=case,
            dataschema=str(self._attributes["dataschema"]),
            data={**self._data, "case_no": case},
        )

    def _case(self, number: int) -> str:
        return f"bench-{number * 2654435761 % self._cases}"

    def body(self, number: int, due: float) -> bytes:
        """A structured-mode CloudEvent. ``due`` is the monotonic moment at which it should leave."""
        before, between, inside, after = self._pieces
        case = self._case(number).encode()
        return b"".join((before, b"%d@%.6f" % (number, due), between, case, inside, case, after))

    def _whole(self, id_: str, case: str) -> bytes:
        return orjson.dumps({**self._attributes, "id": id_, "subject": case, "data": {**self._data, "case_no": case}})
