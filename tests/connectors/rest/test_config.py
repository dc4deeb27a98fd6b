# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings refuse whatever could not work or would give a secret away."""

import pytest
from pydantic import ValidationError

from connectors.rest import CONNECTOR, RestConfig
from connectors.sdk import Idempotency

URL = "https://department.example/cases"


def test_an_address_is_enough() -> None:
    assert RestConfig.model_validate({"url": URL}).method == "POST"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"url": "department.example"},
        {"url": "ftp://department.example/"},
        {"url": "http:///cases"},
        {"url": "https://user:password@department.example/"},
        {"url": "https://user@department.example/"},
        {"url": "https://department.example/#part"},
        {"url": "https://department.example:99999/"},
        {"url": "https://[::1/"},
        {"url": f"https://{'a' * 70}.example/"},
        {"url": "https://a..example/"},
        {"url": URL, "unknown": 1},
        {"url": URL, "method": "GET"},
        {"url": URL, "timeout_seconds": 0},
        {"url": URL, "headers": {"Authorization": "Bearer x"}},
        {"url": URL, "headers": {"Cookie": "a=b"}},
        {"url": URL, "headers": {"Content-Type": "text/plain"}},
        {"url": URL, "headers": {"Transfer-Encoding": "chunked"}},
        {"url": URL, "headers": {"ce-id": "1"}},
        {"url": URL, "headers": {"X A": "1"}},
        {"url": URL, "headers": {"X-A": "1\r\nX-B: 2"}},
        {"url": URL, "headers": {"X-A": "值"}},
        {"url": URL, "headers": {"X-A": "1", "x-a": "2"}},
        {"url": URL, "headers": {"idempotency-key": "1"}},
        {"url": URL, "secret_headers": {"X-Key": "a b"}},
        {"url": URL, "bearer_secret": "token", "secret_headers": {"authorization": "token"}},
        {"url": URL, "accepted_statuses": [202]},
        {"url": URL, "accepted_statuses": [404], "reference_header": "Location"},
        {"url": URL, "success_statuses": [302]},
        {"url": URL, "unavailable_statuses": [200]},
        {"url": URL, "duplicate_statuses": [503]},
        {"url": URL, "receipt_header": "X-Receipt", "receipt_pointer": "/no"},
        {"url": URL, "receipt_pointer": "no"},
        {"url": URL, "receipt_pointer": "/a~2"},
    ],
)
def test_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RestConfig.model_validate(settings)


@pytest.mark.parametrize("idempotency", ["native", "none"])
def test_it_promises_what_is_configured(idempotency: str) -> None:
    config = RestConfig.model_validate({"url": URL, "idempotency": idempotency})

    assert CONNECTOR.promises(config).idempotency is Idempotency(idempotency)
