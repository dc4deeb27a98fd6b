// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
// The service of banjian.wsdl, by the npm package soap. Prints its port, then what it was called with, a JSON line each.

import { readFileSync } from "node:fs";
import http from "node:http";
import soap from "soap";

const received = new Set();
const told = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const port = {
  tijiao(args) {
    told({ tijiao: args });
    if (args.neirong === "cuowu") {
      throw { Fault: { faultcode: "soap:Client.Fengzhuang", faultstring: "内容有误", statusCode: 500 } };
    }
    received.add(args.sblsh);
    return { return: `<RESULT><STATUS>200</STATUS><DATA>${args.sblsh}</DATA></RESULT>` };
  },
  chaxun(args) {
    return { return: JSON.stringify({ zhuangtai: received.has(args.sblsh) ? "yiban" : "wu" }) };
  },
};

const server = http.createServer((_request, response) => response.writeHead(404).end());
server.listen(0, "127.0.0.1", () => {
  soap.listen(server, "/services/banjian", { BanjianService: { BanjianPort: port, BanjianPort12: port } }, readFileSync(process.argv[2], "utf8"));
  told({ port: server.address().port });
});
