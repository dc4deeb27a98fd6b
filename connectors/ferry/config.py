# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of the two ends of a ferried stream."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from connectors.sdk import STRICT, Secret


def _absolute(value: str) -> str:
    if not value.startswith("/") or "\0" in value:
        raise ValueError("a folder is written as an absolute path")
    return value


Folder = Annotated[str, Field(max_length=1000), AfterValidator(_absolute)]


class EndConfig(BaseModel):
    """What both ends have. Nothing in here is secret: secrets are named."""

    model_config = STRICT

    stream: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,59}$",
        description="The name of the stream, the same at both ends, and of no other. A new beginning is a new name.",
        examples=["extranet-to-police-1"],
    )
    state: Folder = Field(
        description="A folder of this hub alone, on a disk that keeps: sequence, chain and what is not acknowledged lie here. "
        "It is made if need be.",
        examples=["/var/lib/govhub/ferry/police"],
    )
    key_secret: Secret = Field(
        description="The name of the secret that holds our private key (P-256, PEM).", examples=["ferry-key"]
    )
    peer_keys: tuple[Folder, ...] = Field(
        min_length=1,
        max_length=5,
        description="PEM files with the other end's public keys: the present one, and while keys change the next one.",
        examples=[["/etc/govhub/trust/police-ferry.pem"]],
    )
    seal_secret: Secret | None = Field(
        default=None,
        description="The name of the secret with which payloads are sealed (SM4-GCM): 32 hexadecimal digits. Both ends have it, "
        "or none; without it payloads are signed and can be read by whoever carries them.",
        examples=["ferry-seal"],
    )
    poll_seconds: float = Field(
        default=1.0, gt=0, le=3600, description="How often the folders are looked into, in seconds.", examples=[1]
    )


class SinkConfig(EndConfig):
    """The sending end."""

    outbox: Folder = Field(
        description="The folder that the gap device empties towards the other side; it must exist.",
        examples=["/srv/gap/to-police"],
    )
    acks: Folder = Field(
        description="The folder that the way back fills with acknowledgements; it must exist.",
        examples=["/srv/gap/from-police-acks"],
    )
    bundle_messages: int = Field(
        default=500, ge=1, le=5000, description="The most messages in one bundle.", examples=[500]
    )
    bundle_bytes: int = Field(
        default=8 * 1024 * 1024,
        ge=1024,
        le=256 * 1024 * 1024,
        description="A bundle is closed when its bodies have more than this, in bytes.",
        examples=[8388608],
    )
    linger_seconds: float = Field(
        default=0.02, ge=0, le=60, description="How long a bundle waits for more messages, in seconds.", examples=[0.02]
    )
    resend_seconds: float = Field(
        default=600.0,
        gt=0,
        le=30 * 86_400,
        description="How long after it was put into the outbox a bundle is put there again if nobody has acknowledged it.",
        examples=[600],
    )

    @model_validator(mode="after")
    def _two_ways(self) -> Self:
        if self.outbox == self.acks:
            raise ValueError("outbox and acks: two folders")
        return self


class SourceConfig(EndConfig):
    """The receiving end."""

    inbox: Folder = Field(
        description="The folder that the gap device fills; it must exist.", examples=["/srv/gap/from-extranet"]
    )
    acks: Folder = Field(
        description="The folder from which the way back takes acknowledgements; it must exist.",
        examples=["/srv/gap/to-extranet-acks"],
    )
    prefetch: int = Field(
        default=400, ge=1, le=5000, description="The most messages in hand at a time.", examples=[400]
    )
    largest_bytes: int = Field(
        default=64 * 1024 * 1024,
        ge=4096,
        le=512 * 1024 * 1024,
        description="A larger bundle is not read whole, and refused, in bytes.",
        examples=[67108864],
    )
    held_most: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="So many bundles may wait in the inbox behind a gap; later ones are dropped, to be sent again.",
        examples=[1000],
    )
    ack_seconds: float = Field(
        default=60.0,
        gt=0,
        le=86_400,
        description="How often what has arrived is acknowledged even when nothing has changed: acknowledgements get lost too.",
        examples=[60],
    )

    @model_validator(mode="after")
    def _two_ways(self) -> Self:
        if self.inbox == self.acks:
            raise ValueError("inbox and acks: two folders")
        return self
