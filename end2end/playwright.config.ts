import { defineConfig } from '@playwright/test';
import { CHROMIUM } from './support/machine.ts';

// What an unprivileged sandbox inside a container would refuse, and what would call home.
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const browser = {
  browserName: 'chromium' as const,
  launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_FLAGS },
  viewport: { width: 1440, height: 900 },
  locale: 'en-GB',
  timezoneId: 'UTC',
  actionTimeout: 15_000,
  navigationTimeout: 30_000,
};

export default defineConfig({
  testDir: 'journeys',
  globalSetup: './support/setup.ts',
  outputDir: 'test-results',
  // A test that passes the second time has still failed once.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  fullyParallel: true,
  timeout: 300_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  projects: [
    { name: 'http', testMatch: '*.http.spec.ts' },
    { name: 'script', testIgnore: '*.http.spec.ts', use: { ...browser, javaScriptEnabled: true } },
    { name: 'no-script', testIgnore: '*.http.spec.ts', use: { ...browser, javaScriptEnabled: false } },
  ],
});
