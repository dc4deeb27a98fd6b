// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** Who is signed in. Kept for this tab alone, and told to nobody but the hub that serves this page. */
import { reactive } from "vue";
import type { Myself, Right } from "./api/documents";

const KEPT = "govhub.session";

export const session = reactive<{ token: string; me: Myself | null; over: "" | "over" | "left" }>({
  token: sessionStorage.getItem(KEPT) ?? "",
  me: null,
  over: "",
});

export function keep(token: string): void {
  session.token = token;
  session.over = "";
  sessionStorage.setItem(KEPT, token);
}

export function forget(how: "over" | "left"): void {
  session.token = "";
  session.me = null;
  session.over = how;
  sessionStorage.removeItem(KEPT);
}

/** Whether the operator may; what they may not is shown, off, with the reason. */
export function may(right: Right): boolean {
  return session.me?.rights.includes(right) ?? false;
}
