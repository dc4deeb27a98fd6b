// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test } from "vitest";
import { moment, said, since, span } from "./said";
import { language } from "./settings";

afterEach(() => {
  language.value = "zh-CN";
});

test("a moment is read in Beijing, whatever the browser's zone", () => {
  expect(moment("2026-11-27T16:30:05Z")).toBe("2026-11-28 00:30:05");
  expect(moment(null)).toBe("");
});

test.each([
  [0.4, "0 秒"],
  [59, "59 秒"],
  [60, "1 分钟"],
  [3599, "59 分钟"],
  [3600, "1 小时"],
  [86_399, "23 小时"],
  [200_000, "2 天"],
  [-5, "0 秒"],
])("%d seconds are %s", (seconds, wanted) => {
  expect(span(seconds)).toBe(wanted);
});

test("the language is the reader's", () => {
  language.value = "en";
  expect(span(120)).toBe("2 min");
  expect(said({ zh: "暂停", en: "paused" })).toBe("paused");
  expect(since("2026-11-28T00:00:00Z", Date.parse("2026-11-28T03:00:00Z"))).toBe("3 h");
});
