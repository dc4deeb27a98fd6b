// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** What is shown stays as it is at the hub: asked again while the page is looked at, and kept, marked, while the hub is away. */
import { onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter, type Ref, type ShallowRef } from "vue";
import { get } from "./api/client";
import type { Problem } from "./api/documents";

export interface Live<T> {
  /** What was told last; null: nothing yet. */
  value: ShallowRef<T | null>;
  /** Why it could not be told anew; null: it could. */
  problem: ShallowRef<Problem | null>;
  /** When it was told last. */
  at: Ref<Date | null>;
  /** Ask now. */
  again: () => Promise<void>;
}

const SECONDS = 3;
const LONGEST = 30;

/** Ask for this path for as long as the component lives. A path that changes is asked for at once, and forgets the old. */
export function live<T>(path: MaybeRefOrGetter<string | null>, seconds = SECONDS): Live<T> {
  const value = shallowRef<T | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const at = ref<Date | null>(null);
  let timer = 0;
  let round = new AbortController();
  let failures = 0;

  async function again(): Promise<void> {
    round.abort();
    window.clearTimeout(timer);
    const mine = (round = new AbortController());
    const where = toValue(path);
    if (where === null) return;
    let answer;
    try {
      answer = await get<T>(where, mine.signal);
    } catch {
      return; // another round has begun
    }
    if (mine.signal.aborted) return;
    if (answer.ok) {
      value.value = answer.value;
      problem.value = null;
      at.value = new Date();
      failures = 0;
    } else {
      problem.value = answer.problem;
      failures += 1;
    }
    if (answer.ok || answer.problem.status === 0 || answer.problem.status >= 500 || answer.problem.status === 429) {
      // What is asked for seldom is not waited for as long when an answer was lost.
      const pause = failures ? Math.min(Math.min(seconds, SECONDS) * 2 ** failures, LONGEST) : seconds;
      timer = window.setTimeout(visible, pause * 1000);
    }
  }

  function visible(): void {
    if (document.hidden) timer = window.setTimeout(visible, 1000);
    else void again();
  }

  watch(
    () => toValue(path),
    () => {
      value.value = null;
      problem.value = null;
      failures = 0;
      void again();
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    round.abort();
    window.clearTimeout(timer);
  });
  return { value, problem, at, again };
}
