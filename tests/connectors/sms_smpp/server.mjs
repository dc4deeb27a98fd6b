// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
// A message centre by the npm package smpp: says a line of JSON for each message, sends a receipt, and a reply to "reply".
import smpp from "smpp";

let number = 0;
const server = smpp.createServer((session) => {
  session.on("error", () => {});
  session.on("bind_transceiver", (pdu) => {
    const known = pdu.system_id === "gov" && pdu.password === "secret08";
    session.send(pdu.response({ command_status: known ? 0 : smpp.ESME_RINVPASWD, system_id: "peer" }));
  });
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => { session.send(pdu.response()); session.close(); });
  session.on("submit_sm", (pdu) => {
    const content = pdu.short_message ?? {};
    const payload = pdu.message_payload ?? {};
    const text = typeof payload.message === "string" && payload.message ? payload.message : content.message;
    if (text === "throttle") { session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED })); return; }
    const id = `p-${++number}`;
    session.send(pdu.response({ message_id: id }));
    console.log(JSON.stringify({
      to: pdu.destination_addr, from: pdu.source_addr, coding: pdu.data_coding, registered: pdu.registered_delivery, text,
      udh: (content.udh ?? []).map((one) => Buffer.from(one).toString("hex")),
    }));
    if (pdu.registered_delivery & 1) {
      session.deliver_sm({
        source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
        short_message: { message: `id:${id} sub:001 dlvrd:001 submit date:2611051342 done date:2611051343 stat:DELIVRD err:000 text:` },
      }, (answer) => console.log(JSON.stringify({ receipt: answer.command_status })));
    }
    if (text === "reply") {
      session.deliver_sm({ source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, data_coding: 8, short_message: "收到" },
        (answer) => console.log(JSON.stringify({ reply: answer.command_status })));
    }
  });
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
