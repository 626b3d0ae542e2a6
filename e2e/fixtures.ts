/** @file Each test has its own Credence over an empty data folder, and fails if the page logs an error. */
import { test as base } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../src-main/host/client';
import { Credence } from './credence';

interface Fixtures {
  credence: Credence;
  /** A program's connection, for what is quicker to ask than to read from the screen. */
  client: Client;
  /** Errors the page may log: set by tests that cause them. */
  expectedErrors: RegExp[];
}

export const test = base.extend<Fixtures>({
  baseURL: async ({ credence }, use) => use(credence.origin),
  expectedErrors: async ({}, use) => use([]),
  credence: async ({}, use) => {
    const credence = new Credence(await mkdtemp(join(tmpdir(), 'credence-e2e-')));
    await credence.start();
    await use(credence);
    await credence.stop();
    await rm(credence.dataDir, { recursive: true });
  },
  client: async ({ credence }, use) => {
    const client = await credence.connect();
    await use(client);
    await client.close();
  },
  page: async ({ page, credence, expectedErrors }, use) => {
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(credence.url);
    await page.waitForURL((url) => !url.search);
    await use(page);
    base.expect(errors.filter((error) => !expectedErrors.some((expected) => expected.test(error)))).toEqual([]);
  },
});
export { expect } from '@playwright/test';
