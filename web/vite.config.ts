import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { apiDocs } from "./build/docs.ts";
import { precompress } from "./build/precompress.ts";

const server = process.env.WATCHROOM_URL ?? "http://127.0.0.1:8003";
const forwarded = [
  "/metrics",
  "/services",
  "/events",
  "/health",
  "/api/live",
  "/api/v1",
  "/openapi.json",
];

export default defineConfig({
  plugins: [react(), apiDocs(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/watchroom/server/pages",
    emptyOutDir: true,
    target: "es2022",
    // The page's policy allows no data: URLs.
    assetsInlineLimit: 0,
    // One sheet, there from the start: a style that failed to load is not asked for again.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  server: {
    proxy: {
      ...Object.fromEntries(forwarded.map((path) => [path, server])),
      "/socket.io": { target: server, ws: true },
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
