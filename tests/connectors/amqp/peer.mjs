// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0

// A department's system on Node.js, by amqplib. Each command is one JSON object on standard output:
//   take QUEUE             one message of a queue, acknowledged; with its body and headers
//   say EXCHANGE FILE      publish the file as a structured CloudEvent, confirmed
//   try ACT [NAME ...]     something that must be refused; says by which code the broker refused it
import { readFileSync } from "node:fs";
import amqp from "amqplib";

const [command, ...words] = process.argv.slice(2);
const connection = await amqp.connect(process.env.AMQP_URL);
connection.on("error", () => {});

const acts = {
  consume: (channel, [queue]) => channel.get(queue),
  declare: (channel, [queue]) => channel.assertQueue(queue, { durable: true }),
  exchange: (channel, [name]) => channel.assertExchange(name, "direct"),
  delete: (channel, [queue]) => channel.deleteQueue(queue),
  purge: (channel, [queue]) => channel.purgeQueue(queue),
  bind: (channel, [queue, exchange]) => channel.bindQueue(queue, exchange, "#"),
  publish: (channel, [exchange, key]) => published(channel, exchange, key, {}),
  forge: (channel, [exchange, user]) => published(channel, exchange, "", { userId: user }),
};

async function published(channel, exchange, key, options) {
  channel.publish(exchange, key, Buffer.from("{}"), options);
  await channel.waitForConfirms();
}

// The broker closes the channel and says why, whether or not somebody waits for an answer just then.
async function tried(act, names) {
  const channel = await connection.createConfirmChannel();
  const closed = new Promise((resolve) => channel.on("error", (error) => resolve(error)));
  try {
    await Promise.race([acts[act](channel, names), closed.then((error) => Promise.reject(error))]);
    return { allowed: true };
  } catch (error) {
    const told = error.code ?? (await closed).code;
    return { allowed: false, code: told };
  }
}

async function taken(queue) {
  const channel = await connection.createChannel();
  await channel.prefetch(1);
  const message = await new Promise((resolve) => channel.consume(queue, resolve));
  channel.ack(message);
  await channel.close();
  return { body: message.content.toString(), headers: message.properties.headers, id: message.properties.messageId };
}

async function said(exchange, file) {
  const channel = await connection.createConfirmChannel();
  const options = { contentType: "application/cloudevents+json; charset=UTF-8", persistent: true, mandatory: true };
  channel.publish(exchange, "", readFileSync(file), options);
  await channel.waitForConfirms();
  return { confirmed: true };
}

const told =
  command === "take" ? await taken(words[0]) : command === "say" ? await said(...words) : await tried(words[0], words.slice(1));
process.stdout.write(JSON.stringify(told));
await connection.close().catch(() => {});
