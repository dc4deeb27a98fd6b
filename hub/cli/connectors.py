# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors``: connections of departments."""

import typer

from hub.cli.amqp_users import amqp_users
from hub.cli.sandbox import sandbox

app = typer.Typer(help="连接器：联调与认证。 Connectors: try a connection and certify it.", no_args_is_help=True)
app.command("sandbox")(sandbox)
app.command("amqp-users")(amqp_users)
