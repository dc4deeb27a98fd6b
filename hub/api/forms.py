# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/forms``: what each item's own form asks, for whoever builds a page or a system. Open to anybody."""

from collections.abc import Sequence

import orjson
from aiohttp import web

from contracts.item_forms.definition import Carrier
from contracts.item_forms.form import Form
from contracts.item_forms.registry import FormRegistry
from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.documents import FormList, JsonSchema
from hub.api.problems import NO_SUCH_PATH
from hub.api.route import Answer, Parameter, Route
from hub.item_forms import ItemForms

_SCHEMA = "application/schema+json"
_JSON = "application/json"
_LONGEST = 64


class Forms:
    """The resource. The list is written once for each registry; forms change while the hub runs."""

    def __init__(self, forms: ItemForms) -> None:
        self._forms = forms
        self._listed: tuple[FormRegistry, bytes] | None = None

    async def list(self, _request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """Every form version."""
        registry = self._forms.registry
        if self._listed is None or self._listed[0] is not registry:
            self._listed = registry, orjson.dumps({"forms": [_entry(form) for form in registry.all()]})
        return web.Response(body=self._listed[1], content_type=_JSON)

    async def schema(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The JSON Schema of one version of an item's form."""
        item, version = request.match_info["item"], request.match_info["version"]
        carrier: Carrier = "step" if request.query.get("carrier") == "step" else "application"
        if len(item) > _LONGEST or not (version.isascii() and version.isdecimal()) or len(version) > 4:
            return NO_SUCH_PATH
        form = self._forms.registry.find(item, int(version), carrier)
        if form is None:
            return NO_SUCH_PATH
        return web.Response(body=orjson.dumps(form.json_schema()), content_type=_SCHEMA)


def _entry(form: Form) -> dict[str, object]:
    return {
        "name": form.name,
        "version": form.version,
        "title": form.title._asdict(),
        "items": [str(selector) for selector in form.selectors],
        "carried_by": sorted(form.carried_by),
    }


def routes(forms: ItemForms) -> Sequence[Route]:
    """The routes of this resource."""
    resource = Forms(forms)
    return (
        Route(
            method="GET",
            path="/v1/forms",
            name="listForms",
            meaning=Text("已注册的事项表单。", "The registered forms of items."),
            handler=resource.list,
            answers={200: Answer(Text("全部表单及版本", "Every form version"), _JSON, FormList)},
            open=True,
        ),
        Route(
            method="GET",
            path="/v1/forms/{item}/{version}",
            name="getFormSchema",
            meaning=Text("一个事项的表单的 JSON Schema。", "The JSON Schema of an item's form."),
            handler=resource.schema,
            parameters=(
                Parameter("item", "path", Text("实施编码", "The item's code")),
                Parameter("version", "path", Text("表单版本", "The form's version"), {"type": "integer", "minimum": 1}),
                Parameter(
                    "carrier",
                    "query",
                    Text("由申请还是环节携带，默认申请", "Carried by an application (the default) or a step"),
                    {"type": "string", "enum": ["application", "step"]},
                ),
            ),
            answers={
                200: Answer(
                    Text("form.data 的 JSON Schema（2020-12）", "Of `form.data`, JSON Schema 2020-12"),
                    _SCHEMA,
                    JsonSchema,
                )
            },
            refusals=("E_NOT_FOUND",),
            open=True,
        ),
    )
