import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/global-setup.ts"],
    setupFiles: ["test/setup.ts"],
    // Traces live long enough to be copied again and again out of a young generation of the default 16 MB.
    execArgv: ["--max-semi-space-size=32"],
    // By default one processor is left for vitest itself: half of two.
    maxWorkers: "100%",
    // End-to-end tests start processes, on computers that may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
