// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
import { watch } from "vue";
import { createI18n } from "vue-i18n";
import { language } from "../settings";
import { en } from "./en";
import { zh } from "./zh";

export const words = createI18n({
  legacy: false,
  locale: language.value,
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": zh, en },
});

watch(language, (chosen) => {
  words.global.locale.value = chosen;
});
