// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
import vue from "@vitejs/plugin-vue";
import elementPlus from "unplugin-element-plus/vite";
import { defineConfig } from "vitest/config";

// Served by the hub below /console/, from nowhere else: no inline script or style, so that the strictest policy holds.
export default defineConfig({
  base: "./",
  plugins: [vue(), elementPlus({})],
  define: { __VUE_I18N_FULL_INSTALL__: false, __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    outDir: "../static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8480", "/health": "http://127.0.0.1:8480" } },
  test: { environment: "jsdom", setupFiles: ["./tests.setup.ts"], server: { deps: { inline: ["element-plus"] } } },
});
