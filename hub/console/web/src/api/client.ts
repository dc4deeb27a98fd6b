// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** Asks the hub. Every answer is a value: what was asked for, or why there is none. */
import type { Problem } from "./documents";
import { forget, session } from "../session";

export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

const AWAY: Problem = {
  type: "about:blank",
  code: "C_HUB_AWAY",
  status: 0,
  title: "中枢没有应答",
  titles: { zh: "中枢没有应答", en: "The hub does not answer" },
  detail: "",
  details: { zh: "可能正在重新启动；将自动重试。", en: "It may be restarting; this is tried again by itself." },
  remedy: { zh: "", en: "" },
  violations: [],
  instance: null,
  retry_after: null,
};
const SECONDS = 15;

/** Ask. A session that is over is forgotten, and whoever looks is asked to sign in again. */
export async function ask<T>(method: "GET" | "POST", path: string, body?: unknown, signal?: AbortSignal): Promise<Answer<T>> {
  const limit = AbortSignal.timeout(SECONDS * 1000);
  const token = session.token;
  try {
    const response = await fetch(path, {
      method,
      headers: {
        Accept: "application/json, application/problem+json",
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const told: unknown = response.status === 204 ? null : await response.json();
    if (response.ok || (response.status === 503 && path === "/health/ready")) return { ok: true, value: told as T };
    if (response.status === 401 && token && token === session.token) forget("over");
    return { ok: false, problem: told as Problem };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { ok: false, problem: AWAY };
  }
}

export const get = <T>(path: string, signal?: AbortSignal) => ask<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body: unknown) => ask<T>("POST", path, body);

/** A path with what a person wrote in it. */
export function at(strings: TemplateStringsArray, ...parts: (string | number)[]): string {
  return strings.reduce((path, piece, n) => path + encodeURIComponent(String(parts[n - 1])) + piece);
}
