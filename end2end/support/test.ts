// What a journey is written with: a server and a database of its own, a policy enforcement point, and people in browsers.

import { test as base, expect } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from './database.ts';
import { copy, prepared } from './installation.ts';
import type { Person } from './people.ts';
import { Pep } from './pep.ts';
import { Spillway } from './spillway.ts';
import { Visitor } from './visitor.ts';

interface Fixtures {
  /** Further tables of the program's configuration. */
  settings: string;
  /** A folder that is gone afterwards. */
  folder: string;
  /** A freshly installed database. */
  database: Database;
  /** The program, serving that database. */
  spillway: Spillway;
  /** The pipeline's gateway. */
  pep: Pep;
  /** Somebody's browser, nobody being signed in yet. */
  anonymous: () => Promise<Visitor>;
  /** Somebody's browser, signed in. */
  signedIn: (person: Person) => Promise<Visitor>;
}

export const test = base.extend<Fixtures>({
  settings: ['', { option: true }],
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'spillway-journey-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  database: async ({}, use, info) => {
    const database = await copy(prepared(), info.workerIndex);
    await use(database);
    await database.drop();
  },
  spillway: async ({ database, folder, settings }, use, info) => {
    const spillway = await Spillway.start(database.serving, prepared().provider, folder, settings);
    await use(spillway);
    await spillway.stop();
    if (info.status !== info.expectedStatus) {
      await info.attach('spillway.log', { body: readFileSync(spillway.log), contentType: 'text/plain' });
    }
  },
  pep: async ({ spillway }, use) => {
    await use(new Pep(spillway.url, prepared().tokens['ci-gateway']));
  },
  anonymous: async ({ browser, spillway }, use, info) => {
    const visitors: Visitor[] = [];
    await use(async () => {
      const visitor = await Visitor.open(browser, spillway.url, info);
      visitors.push(visitor);
      return visitor;
    });
    for (const visitor of visitors) await visitor.leave();
  },
  signedIn: async ({ anonymous }, use) => {
    await use(async (person) => {
      const visitor = await anonymous();
      await visitor.signIn(person);
      return visitor;
    });
  },
});

export { expect };
