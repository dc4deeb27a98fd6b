// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
import "element-plus/theme-chalk/dark/css-vars.css";
import "./house.css";
import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router";
import { dress } from "./settings";
import { words } from "./words";

dress();
createApp(App).use(words).use(router).mount("#console");
