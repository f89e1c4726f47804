import { defineConfig } from '@playwright/test';

// Debian's own Chromium: no browser is downloaded.
export default defineConfig({
  testDir: '.',
  workers: 1,
  timeout: 60_000,
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
    { name: 'pages', testMatch: /pages\/.*\.spec\.ts/, use: { baseURL: 'http://127.0.0.1:4173' } },
    { name: 'walks', testMatch: /walks\/.*\.spec\.ts/, use: { baseURL: process.env.WAYMARK_CONSOLE ?? 'https://localhost:7440', ignoreHTTPSErrors: true } },
  ],
  webServer: process.env.WAYMARK_CONSOLE
    ? undefined
    : [
        { command: 'node serve.mjs ../../build/console-demo 4173', port: 4173, reuseExistingServer: true },
        { command: 'node serve.mjs ../../services/gateway/console/dist 4174', port: 4174, reuseExistingServer: true },
      ],
});
