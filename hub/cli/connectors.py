# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors``: the kinds that are installed, a new one, and whether they do what they promise."""

import typer

from hub.cli import connectors_asking, connectors_doctor, connectors_kinds, connectors_scaffold, connectors_trying
from hub.cli.amqp_users import amqp_users
from hub.cli.sandbox import sandbox

app = typer.Typer(
    help="连接器：查看、新建、测试、联调与认证。 Connectors: look, make one, try it, certify a connection.",
    no_args_is_help=True,
)
app.command("list")(connectors_kinds.list_kinds)
app.command("show")(connectors_kinds.show)
app.command("schema")(connectors_kinds.schema)
app.command("docs")(connectors_kinds.docs)
app.command("new")(connectors_scaffold.new)
app.command("test")(connectors_trying.try_kind)
app.command("check")(connectors_trying.check)
app.command("doctor")(connectors_doctor.doctor)
app.command("ask")(connectors_asking.ask)
app.command("sandbox")(sandbox)
app.command("amqp-users")(amqp_users)
