# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every protocol for text messages (短信) needs, and none of them is.

numbers     telephone numbers, with and without the country's prefix
gsm7        the default alphabet of short messages
parts       a text as the octets of its parts, each with the header that says where it belongs
assembly    the way back: a long text from the parts in which it comes in
message     what a message's body says by the templates of the settings: to whom, and what
conversation  one connection: a window of submissions, tests of the line
line        one login per process, which destination and source share
sending     the parts of a message, each of them once
turns       as many a second as were agreed
reports     status reports on their way to the hub
sink, source  a destination and a source, but for their protocol
upstream, aside  what a person sent (上行), as an item for the hub; and where it goes that the hub refuses
"""
