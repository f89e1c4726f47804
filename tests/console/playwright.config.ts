import { defineConfig } from '@playwright/test';

// Of the servers that `run` has started for the pages.
const demo = process.env.WAYMARK_DEMO_PORT ?? '4173';
const dist = process.env.WAYMARK_DIST_PORT ?? '4174';

// Debian's own Chromium: no browser is downloaded.
export default defineConfig({
  testDir: '.',
  // One at a time: a walk moves the clock of all, and what is measured should not wait for its neighbour.
  workers: 1,
  timeout: 60_000,
  // Half a machine that compiles at the same time is slow, and not wrong.
  expect: { timeout: 10_000 },
  reporter: [['list']],
  outputDir: '../../build/console-tests',
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    // Not the zone of care: what is shown must not depend on where the device is.
    timezoneId: 'Europe/Madrid',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
  projects: [
    { name: 'pages', testMatch: /pages\/.*\.spec\.ts/, use: { baseURL: `http://127.0.0.1:${demo}` } },
    { name: 'bench', testMatch: /bench\/.*\.bench\.ts/, use: { baseURL: `http://127.0.0.1:${demo}` } },
    { name: 'walks', testMatch: /walks\/.*\.spec\.ts/, expect: { timeout: 30_000 }, use: { baseURL: process.env.WAYMARK_CONSOLE ?? 'https://localhost:7440', ignoreHTTPSErrors: true } },
  ],
  webServer: process.env.WAYMARK_CONSOLE
    ? undefined
    : [
        { command: `node serve.mjs ../../build/console-demo ${demo}`, port: Number(demo) },
        { command: `node serve.mjs ../../services/gateway/console/dist ${dist}`, port: Number(dist) },
      ],
});
