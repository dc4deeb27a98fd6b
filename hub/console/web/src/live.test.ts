// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { live, type Live } from "./live";
import { keep, session } from "./session";

const answers: (() => Response | Promise<Response>)[] = [];
const asked: string[] = [];
const json = (body: unknown, status = 200) => () => new Response(JSON.stringify(body), { status });
const away = () => Promise.reject(new TypeError("no connection"));

beforeEach(() => {
  vi.useFakeTimers();
  answers.length = asked.length = 0;
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    return Promise.resolve((answers.shift() ?? json({}))());
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function looked(path: Parameters<typeof live>[0]): { told: Live<{ n: number }>; leave: () => void } {
  const scope = effectScope();
  const told = scope.run(() => live<{ n: number }>(path, 2)) as Live<{ n: number }>;
  return { told, leave: () => scope.stop() };
}

test("what was told is kept, marked, while the hub is away, and asked for less and less often", async () => {
  answers.push(json({ n: 1 }), away, away, json({ n: 2 }));
  const { told, leave } = looked("/x");
  await vi.advanceTimersByTimeAsync(0);
  expect(told.value.value).toEqual({ n: 1 });
  await vi.advanceTimersByTimeAsync(2000);
  expect([told.value.value, told.problem.value?.code]).toEqual([{ n: 1 }, "C_HUB_AWAY"]);
  await vi.advanceTimersByTimeAsync(3999);
  expect(asked.length).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.length).toBe(3);
  await vi.advanceTimersByTimeAsync(8000);
  expect([told.value.value, told.problem.value]).toEqual([{ n: 2 }, null]);
  leave();
});

test("nobody asks for a page that was left", async () => {
  answers.push(json({ n: 1 }));
  const { leave } = looked("/x");
  await vi.advanceTimersByTimeAsync(0);
  leave();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual(["/x"]);
});

test("another path forgets what was told of the first", async () => {
  answers.push(json({ n: 1 }), json({ n: 2 }));
  const path = ref("/one");
  const { told, leave } = looked(path);
  await vi.advanceTimersByTimeAsync(0);
  path.value = "/two";
  await nextTick();
  expect(told.value.value).toBeNull();
  await vi.advanceTimersByTimeAsync(0);
  expect(told.value.value).toEqual({ n: 2 });
  leave();
});

test("a session that is over is forgotten", async () => {
  keep("token");
  answers.push(json({ code: "E_UNAUTHORIZED", status: 401 }, 401));
  const { leave } = looked("/x");
  await vi.advanceTimersByTimeAsync(0);
  expect([session.token, session.over]).toEqual(["", "over"]);
  leave();
});
