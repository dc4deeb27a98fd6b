# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The WSDL 1.1 document of an endpoint: document/literal wrapped, over SOAP 1.1 and 1.2. Pure."""

from connectors.soap.endpoint_config import EndpointConfig
from connectors.soap.wsdl import SOAP_11, SOAP_12, WSDL, XSD
from contracts.xml.text import quoted

_HTTP = "http://schemas.xmlsoap.org/soap/http"


def wsdl(config: EndpointConfig, address: str) -> bytes:
    """The document, for the address that it names."""
    operations = list(config.operations)
    types = "".join(
        _element(name, "".join(_string(parameter) for parameter in exposed.parameters))
        + _element(f"{name}Response", _string(config.result))
        for name, exposed in config.operations.items()
    )
    messages = "".join(
        f'<message name="{name}{way}"><part name="parameters" element="t:{name}{way}"/></message>'
        for name in operations
        for way in ("", "Response")
    )
    port_type = "".join(
        f'<operation name="{name}"><input message="t:{name}"/><output message="t:{name}Response"/></operation>'
        for name in operations
    )
    bindings = "".join(
        f'<binding name="{config.service}{n}" type="t:{config.service}Port"><{soap}:binding transport="{_HTTP}"/>'
        + "".join(
            f'<operation name="{name}"><{soap}:operation soapAction={quoted(config.namespace + name)} style="document"/>'
            f'<input><{soap}:body use="literal"/></input><output><{soap}:body use="literal"/></output></operation>'
            for name in operations
        )
        + "</binding>"
        for n, soap in (("Soap11", "s"), ("Soap12", "s12"))
    )
    ports = "".join(
        f'<port name="{config.service}{n}" binding="t:{config.service}{n}"><{soap}:address location={quoted(address)}/></port>'
        for n, soap in (("Soap11", "s"), ("Soap12", "s12"))
    )
    target = quoted(config.namespace)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<definitions xmlns="{WSDL}" xmlns:s="{SOAP_11}" xmlns:s12="{SOAP_12}" xmlns:x="{XSD}" xmlns:t={target} '
        f'targetNamespace={target} name="{config.service}">'
        f'<types><x:schema targetNamespace={target} elementFormDefault="unqualified">{types}</x:schema></types>'
        f'{messages}<portType name="{config.service}Port">{port_type}</portType>{bindings}'
        f'<service name="{config.service}">{ports}</service></definitions>'
    ).encode()


def _element(name: str, inside: str) -> str:
    return f'<x:element name="{name}"><x:complexType><x:sequence>{inside}</x:sequence></x:complexType></x:element>'


def _string(name: str) -> str:
    return f'<x:element name="{name}" type="x:string"/>'
