// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** Every screen has an address that can be sent to a colleague; behind the hash, so that the hub serves one page. */
import { createRouter, createWebHashHistory } from "vue-router";
import Overview from "./screens/Overview.vue";

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/", redirect: "/overview" },
    { path: "/overview", name: "overview", component: Overview },
    { path: "/failures", name: "failures", component: () => import("./screens/Failures.vue") },
    { path: "/failures/:group(\\d+)", name: "failure", component: () => import("./screens/Failure.vue"), props: true },
    { path: "/waiting", name: "waiting", component: () => import("./screens/Waiting.vue") },
    { path: "/cases/:number?", name: "cases", component: () => import("./screens/Cases.vue"), props: true },
    { path: "/routes", name: "routes", component: () => import("./screens/Routes.vue") },
    { path: "/systems", name: "systems", component: () => import("./screens/Systems.vue") },
    { path: "/alarms", name: "alarms", component: () => import("./screens/Alarms.vue") },
    { path: "/acts", name: "acts", component: () => import("./screens/Acts.vue") },
    { path: "/:rest(.*)", redirect: "/overview" },
  ],
});
