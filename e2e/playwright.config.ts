/** @file Journeys in a real Chromium against the built browser host; in Electron too where its binary is. */
import { defineConfig } from '@playwright/test';

const executablePath = process.env['CREDENCE_CHROMIUM'];

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  workers: 1, // a training run takes every core
  forbidOnly: true,
  retries: process.env['CI'] ? 1 : 0, // a journey that needs it is reported as flaky
  reporter: [['list'], ['json', { outputFile: '../.cache/e2e.json' }]],
  use: {
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(executablePath && { executablePath }),
      // Chromium's sandbox refuses root, which is who runs in a container.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
  projects: [
    { name: 'browser', testIgnore: ['electron/**', 'screenshots/**', 'figures/**'] },
    { name: 'screenshots', testDir: 'screenshots' }, // when asked for: npm run screenshots
    { name: 'figures', testDir: 'figures' }, // when asked for: npm run figures
    ...(process.env['CREDENCE_ELECTRON'] ? [{ name: 'electron', testDir: 'electron' }] : []),
  ],
});
