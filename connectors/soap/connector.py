# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The SOAP kind."""

from dataclasses import replace

from connectors.sdk import Context, Idempotency, Manifest, Receiver, Rendering, Role, Sink, Text
from connectors.soap.config import SoapConfig
from connectors.soap.endpoint import Endpoint
from connectors.soap.endpoint_config import EndpointConfig
from connectors.soap.sink import SoapSink


class SoapConnector:
    """Web services both ways. What it promises depends on what the far side does with the key a parameter carries."""

    manifest = Manifest(
        kind="soap",
        title=Text("SOAP Web 服务", "SOAP web services"),
        summary=Text(
            "按 WSDL 调用部门的 Web 服务。",
            "Calls a department's web service by its WSDL.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        max_body_bytes=3 * 2**20,
        roles=frozenset({Role.SINK, Role.RECEIVER}),
    )
    config = SoapConfig
    receiver_config = EndpointConfig

    def promises(self, config: SoapConfig) -> Manifest:
        """Of a repeat no more than the configuration says of the far side."""
        return replace(self.manifest, idempotency=Idempotency(config.idempotency))

    def sink(self, config: SoapConfig, context: Context) -> Sink:
        """A sink for one operation."""
        return SoapSink(config, context)

    def receiver(self, config: EndpointConfig, context: Context) -> Receiver:
        """An endpoint that departments call."""
        return Endpoint(config, context)


CONNECTOR = SoapConnector()
