// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** How a person wants the console: language and theme, kept in their browser. */
import { ref, watch } from "vue";

export type Language = "zh-CN" | "en";
export type Theme = "system" | "light" | "dark";

function kept<T extends string>(key: string, known: readonly T[], otherwise: T) {
  const stored = localStorage.getItem(key) as T | null;
  const chosen = ref<T>(stored !== null && known.includes(stored) ? stored : otherwise);
  watch(chosen, (value) => localStorage.setItem(key, value as T));
  return chosen;
}

export const language = kept<Language>("govhub.language", ["zh-CN", "en"], "zh-CN");
export const theme = kept<Theme>("govhub.theme", ["system", "light", "dark"], "system");

const dark = window.matchMedia?.("(prefers-color-scheme: dark)");

export function dress(): void {
  const night = theme.value === "dark" || (theme.value === "system" && (dark?.matches ?? false));
  document.documentElement.classList.toggle("dark", night);
  document.documentElement.lang = language.value;
}

dark?.addEventListener("change", dress);
watch([theme, language], dress);
