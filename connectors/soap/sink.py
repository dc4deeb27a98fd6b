# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One call from beginning to end, within its time."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from yarl import URL

from connectors.sdk import Context, Delivered, InDoubt, Outcome, Parcel, QueryOutcome, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer, Exchange, never
from connectors.sdk.http.names import Names
from connectors.sdk.http.template import Moment
from connectors.soap.answer import outcome_of, query_outcome_of
from connectors.soap.call import Call, called
from connectors.soap.config import SoapConfig
from connectors.soap.imports import Described, description_of
from connectors.soap.wsdl import Operation, Unusable, Version, operation_of

_MOST = 4 * 2**20
_CHECK_SECONDS = 10.0
_QUESTION_SECONDS = 25.0


class SoapSink:
    """Calls one operation of one port. Safe for concurrent use; holds no state but the calls under way."""

    def __init__(self, config: SoapConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._exchange = Exchange(context, tls=config.tls, egress=config.egress, most=_MOST)
        self._operation: Operation | Unavailable = Unavailable("NOT_OPEN: the WSDL was not read")
        self._question: Operation | Unavailable = self._operation

    async def __aenter__(self) -> Self:
        """Read the WSDL. One that cannot be used makes every send unavailable until it is mended and the hub started anew."""
        await self._exchange.__aenter__()
        document = await asyncio.to_thread(description_of, Path(self._config.wsdl_file))
        self._operation = self._found(document, self._config.operation, self._config.parameters)
        if self._config.query is not None:
            self._question = self._found(document, self._config.query.operation, self._config.query.parameters)
        for problem in {self._operation, self._question if self._config.query is not None else self._operation}:
            if isinstance(problem, Unavailable):
                self._context.log.error("wsdl unusable", reason=problem.reason)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    async def send(self, parcel: Parcel) -> Outcome:
        """One call, never repeated here."""
        answer = await self._called(self._operation, self._config.parameters, parcel, self._config.timeout_seconds)
        return outcome_of(self._config, answer) if isinstance(answer, Answer) else answer

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """One call of the operation that asks, where there is one; elsewhere nothing is known."""
        question = self._config.query
        if question is None:
            return InDoubt("NOT_QUERYABLE: this destination cannot be asked")
        asked = Parcel(idempotency_key=idempotency_key, content_type="text/plain", body=b"", timeout=_QUESTION_SECONDS)
        answer = await self._called(self._question, question.parameters, asked, self._config.timeout_seconds)
        match answer:
            case Answer():
                return query_outcome_of(question, answer)
            case Rejected(code=code):
                return Unavailable(f"{code}: the question cannot be put")
            case InDoubt(reason=reason):  # a question has no effect, so it was just not answered
                return Unavailable(reason)
            case Unavailable():
                return answer

    async def check(self) -> Outcome:
        """Ask for the WSDL, as everybody may. Any answer says that the far side is there."""
        if self._exchange.closed is not None:
            return self._exchange.closed
        if isinstance(self._operation, Unavailable):
            return self._operation
        url = URL(self._config.url or self._operation.address).with_query("wsdl")
        answer = await self._exchange.ask(url, {}, min(self._config.timeout_seconds, _CHECK_SECONDS), never)
        match answer:
            case Answer(status=status) if status >= 500:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case _:
                return answer

    async def _called(
        self, operation: Operation | Unavailable, parameters: Mapping[str, str], parcel: Parcel, seconds: float
    ) -> Answer | Rejected | Unavailable | InDoubt:
        if self._exchange.closed is not None:
            return self._exchange.closed
        if isinstance(operation, Unavailable):
            return operation
        moment = Moment(self._context.now(), secrets.token_hex(16))
        names = Names(parcel, moment, self._context.secret, self._config.secrets)
        call = called(self._config, operation, parameters, names)
        if not isinstance(call, Call):
            return call
        url = URL(self._config.url or operation.address)
        return await self._exchange.post(url, call.headers, call.body, min(seconds, parcel.timeout))

    def _found(
        self, document: tuple[Described, ...] | Unusable, name: str, given: Iterable[str]
    ) -> Operation | Unavailable:
        config = self._config
        version = None if config.version is None else Version(config.version)
        found = (
            document
            if isinstance(document, Unusable)
            else operation_of(
                document[0].body,
                name,
                version=version,
                port=config.port,
                imported=[(one.body, one.namespace) for one in document[1:]],
            )
        )
        if isinstance(found, Unusable):
            return Unavailable(f"WSDL_UNUSABLE: {found.reason}")
        known = {part.name for part in found.parts}
        missing = sorted({part.name for part in found.parts if part.required} - set(given))
        unknown = sorted(set(given) - known)
        if missing or unknown:
            return Unavailable(
                f"WSDL_MISMATCH: {name} wants {missing or 'nothing more'} and knows no {unknown or 'others'}"
            )
        address = URL(config.url or found.address)
        if address.scheme not in {"http", "https"} or not address.raw_host:
            return Unavailable("WSDL_MISMATCH: its address is no http address, so url must be given")
        return found
