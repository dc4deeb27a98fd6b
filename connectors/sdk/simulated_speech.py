# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a simulated department says: that a case is decided, in the CloudEvents JSON format, out of the contract's own example.

For simulators only. Everything in it is made up.
"""

from typing import Any

import orjson

from contracts.catalogue import builtin

COMPLETION = "cn.gov.completion.decided"
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


def completion(case: str, event_id: str, source: str, **data: object) -> dict[str, Any]:
    """The event. ``source`` is the system that says it; ``data`` are fields that differ from the example's."""
    (contract, *_) = builtin().versions(COMPLETION)
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": contract.type,
        "dataschema": contract.schema_uri,
        "subject": case,
        "datacontenttype": "application/json",
        "data": {**contract.examples[0].data, "case_no": case, **data},
    }


def case_of(body: bytes, otherwise: str) -> str:
    """The case of an event in the CloudEvents JSON format; ``otherwise`` where the body is none."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        return otherwise
    subject = event.get("subject") if isinstance(event, dict) else None
    return subject if isinstance(subject, str) and subject else otherwise
