import { defineConfig } from "vitest/config";
export default defineConfig({ root: "/work/wt-judge", server: { fs: { strict: false } }, test: { include: ["test/**/*.test.ts"], setupFiles: ["test/setup.ts"], execArgv: ["--max-semi-space-size=32"], testTimeout: 60000 } });
