# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one seal platform's interface looks like, as data: the calls of a task, what its answers mean, how it calls back.

A profile is a YAML file in ``profiles``; a deployment may bring its own. Templates are those of the REST kind; what a task
consists of stands there as ``{c.NAME}``, and whatever a call keeps of its answer is there for the next. A JSON text that is
one place and nothing else takes its value as it is, number or list, and is left out where there is none.
"""

from enum import StrEnum
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, Field, JsonValue, ValidationError, model_validator

from connectors.sdk import STRICT
from connectors.sdk.http.place import Place
from connectors.sdk.http.template import Template
from contracts.fault import Fault
from contracts.located import read

Name = Annotated[str, Field(min_length=1, max_length=100)]
Value = Annotated[str, Field(max_length=200)]
SHIPPED = ("generic", "esign_v3", "fasc_5_1")


class Scheme(StrEnum):
    """How requests and callbacks are signed."""

    HMAC = "hmac"
    """Ours: HMAC-SHA256 over method, path, moment, nonce and the body's digest."""
    TSIGN = "tsign"
    """e签宝: HMAC-SHA256 over method, type, Content-MD5 and path."""
    FASC = "fasc"
    """法大大 FASC 5.1: a key made of the moment, over the digest of all parameters; with an access token."""


class State(StrEnum):
    """Where a task stands, whatever a platform calls it."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    FAILED = "failed"


class Call(BaseModel):
    """One request to the platform, and what its answer says."""

    model_config = STRICT

    method: Literal["GET", "POST", "PUT"] = Field(default="POST", description="The HTTP method.", examples=["POST"])
    url: Template = Field(description="The address; {c.base} is the configured one.", examples=["{c.base}/tasks"])
    signed: bool = Field(default=True, description="Whether it carries the platform's signature.", examples=[False])
    headers: dict[Name, Template] = Field(
        default_factory=dict, description="More headers.", examples=[{"Content-Type": "application/pdf"}]
    )
    send: Literal["nothing", "file", "json", "form"] = Field(
        default="nothing", description="What the body is; form: the JSON in the field bizContent.", examples=["json"]
    )
    content: JsonValue = Field(default=None, description="The JSON that is sent.", examples=[{"file": "{c.file}"}])
    success_at: Place | None = Field(
        default=None,
        description="Where a success code stands in the answer; without it the status decides.",
        examples=["/code"],
    )
    success: tuple[Value, ...] = Field(default=(), description="What stands there on success.", examples=[["0"]])
    busy: tuple[Value, ...] = Field(
        default=(), description="What stands there when it should be tried again.", examples=[["429"]]
    )
    absent_at: Place | None = Field(
        default=None, description="Where the platform says that it has no such task.", examples=["/code"]
    )
    absent: tuple[Value, ...] = Field(default=(), description="What stands there then.", examples=[["NO_SUCH_TASK"]])
    keep: dict[Name, Place] = Field(
        default_factory=dict,
        description="What is kept of the answer, and where it stands.",
        examples=[{"task": "/task_id"}],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.success_at is None) != (not self.success) or (self.absent_at is None) != (not self.absent):
            raise ValueError("a place and what stands there belong together")
        if (self.send in {"json", "form"}) != (self.content is not None):
            raise ValueError("content belongs to send: json or form")
        return self


class Look(Call):
    """How a task is looked at. Of ``keep``: state, seal_id, sealed_at, ended_at, reference and memo are understood."""

    states: dict[Value, State] = Field(
        description="What the platform calls a state; what it does not name is still open.", examples=[{"2": "done"}]
    )


class Callback(BaseModel):
    """What a callback says. It is a hint to look at the task, never more: what became of it, the platform is asked."""

    model_config = STRICT

    task: Place = Field(description="Where the task stands in the body, or in its bizContent.", examples=["/task_id"])
    window_seconds: float = Field(
        default=900.0,
        gt=0,
        le=86_400,
        description="How far its moment may be from now. Platforms repeat a callback under the moment of the first attempt.",
        examples=[900],
    )
    reply: JsonValue = Field(
        default=None, description="What the platform wants to hear.", examples=[{"code": "200", "msg": "success"}]
    )


class Profile(BaseModel):
    """One platform's interface. ``find`` is how it is asked about a reference; without it a lost answer waits for a person."""

    model_config = STRICT

    name: Name = Field(description="Its name.", examples=["generic"])
    about: Name = Field(description="Whose interface, of which version, known from where.", examples=["e签宝 V3"])
    scheme: Scheme = Field(description="How requests and callbacks are signed.", examples=["hmac"])
    token: Call | None = Field(default=None, description="How an access token is got; it keeps token.", examples=[None])
    upload: tuple[Call, ...] = Field(
        max_length=10,
        description="What precedes the task, all of it without effect.",
        examples=[[{"url": "{c.base}/files"}]],
    )
    create: Call = Field(
        description="The one call with an effect; it keeps task.", examples=[{"url": "{c.base}/tasks"}]
    )
    find: Call | None = Field(
        default=None,
        description="By the reference; it keeps task.",
        examples=[{"url": "{c.base}/tasks?reference={c.reference}"}],
    )
    look: Look = Field(description="Where a task stands.", examples=[{"url": "{c.base}/tasks/{c.task}"}])
    trace: Call | None = Field(
        default=None,
        description="By the memo, for a task that is to be taken back; it keeps task.",
        examples=[{"url": "{c.base}/tasks?memo={c.memo|url}"}],
    )
    void: Call | None = Field(
        default=None,
        description="How an open task is taken back; again it changes nothing. Without it that is refused.",
        examples=[{"url": "{c.base}/tasks/{c.task}/withdrawal"}],
    )
    fetch: tuple[Call, ...] = Field(
        min_length=1,
        max_length=5,
        description="The last of these answers with the file.",
        examples=[[{"url": "{c.base}/f"}]],
    )
    callback: Callback = Field(description="What a callback says.", examples=[{"task": "/task_id"}])

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if "task" not in self.create.keep or (self.find is not None and "task" not in self.find.keep):
            raise ValueError("create and find keep task")
        if "state" not in self.look.keep:
            raise ValueError("look keeps state")
        if self.find is not None and not self.find.absent:
            raise ValueError("find says by absent that there is no such task: a bare status never does")
        if self.trace is not None and ("task" not in self.trace.keep or not self.trace.absent):
            raise ValueError("trace keeps task, and says by absent that there is no such task")
        return self

    @property
    def goes_elsewhere(self) -> bool:
        """Whether some call goes to an address that the platform names."""
        calls = (self.token, *self.upload, self.create, self.find, self.look, self.trace, self.void, *self.fetch)
        return any(one is not None and not one.url.startswith("{c.base}") for one in calls)


Variables: TypeAlias = dict[str, Any]


@cache
def shipped(name: str) -> Profile:
    """A profile that comes with govhub. Raises ``ValueError`` for a name that is none."""
    if name not in SHIPPED:
        raise ValueError(f"no profile of this name; there are {', '.join(SHIPPED)}")
    with as_file(files(__package__).joinpath(f"profiles/{name}.yaml")) as path:
        return read_profile(path)


def read_profile(path: Path) -> Profile:
    """A profile of the deployment's own. Raises ``ValueError`` that says where it is wrong."""
    document = read(path)
    if isinstance(document, Fault):
        raise ValueError(str(document))  # noqa: TRY004  # because it is the file that is wrong
    try:
        return Profile.model_validate(document.value)
    except ValidationError as error:
        places = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise ValueError(f"{path.name}: {'; '.join(places)}") from None
