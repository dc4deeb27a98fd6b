// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** How moments, spans and bilingual texts are written. The server's moments are UTC; a person reads Beijing time. */
import type { Bilingual } from "./api/documents";
import { language } from "./settings";

const MOMENT = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

export function moment(text: string | null | undefined): string {
  return text ? MOMENT.format(new Date(text)).replaceAll("/", "-") : "";
}

/** How long it is since then, in the largest unit that says something. */
export function since(text: string | null | undefined, now: number = Date.now()): string {
  if (!text) return "";
  return span((now - Date.parse(text)) / 1000);
}

export function span(seconds: number): string {
  const zh = language.value === "zh-CN";
  const whole = Math.max(0, Math.round(seconds));
  const [count, unit]: [number, [string, string]] =
    whole < 60
      ? [whole, ["秒", "s"]]
      : whole < 3600
        ? [Math.floor(whole / 60), ["分钟", "min"]]
        : whole < 86_400
          ? [Math.floor(whole / 3600), ["小时", "h"]]
          : [Math.floor(whole / 86_400), ["天", "d"]];
  return `${count} ${zh ? unit[0] : unit[1]}`;
}

export function said(text: Bilingual | string | null | undefined): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  return language.value === "zh-CN" ? text.zh : text.en;
}

/** A name for an act, so that sending it twice does it once. */
export function named(): string {
  return `console-${crypto.randomUUID()}`;
}
