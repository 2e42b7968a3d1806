import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../support/database.ts';
import { install, prepared } from '../support/installation.ts';
import { deploy, Pep } from '../support/pep.ts';
import { Postgres } from '../support/postgres.ts';
import { Spillway } from '../support/spillway.ts';
import { expect, test as base } from '../support/test.ts';

const staging = deploy('payments-staging');

interface OwnPostgres {
  postgres: Postgres;
  records: Database;
  served: Spillway;
  gateway: Pep;
}

const test = base.extend<OwnPostgres>({
  postgres: async ({ folder: _ }, use) => {
    // The path of a socket must be short, and that of a test's folder need not be.
    const folder = await mkdtemp('/tmp/spillway-pg-');
    const postgres = await Postgres.start(join(folder, 'pg'));
    await use(postgres);
    await postgres.stop();
    await rm(folder, { recursive: true });
  },
  records: async ({ postgres }, use) => {
    const database = await postgres.create('spillway');
    Object.assign(tokens, await install(database, prepared().provider.issuer));
    await use(database);
  },
  served: async ({ records, folder }, use) => {
    const spillway = await Spillway.start(records.serving, prepared().provider, folder);
    await use(spillway);
    await spillway.stop();
  },
  gateway: async ({ served }, use) => {
    await use(new Pep(served.url, tokens['ci-gateway'] ?? ''));
  },
});
const tokens: Record<string, string> = {};

/** What decisions and pages say while nothing can be decided. */
async function expectAway(spillway: Spillway, gateway: Pep): Promise<void> {
  const refused = await gateway.evaluation(staging);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(JSON.stringify(refused.body)).not.toContain('"decision":true');
  const ready = await fetch(`${spillway.url}/readyz`);
  expect(ready.status).toBe(503);
  expect((await fetch(`${spillway.url}/healthz`)).status, 'restarting it would help nobody').toBe(200);
  const page = await fetch(`${spillway.url}/`, {
    headers: { accept: 'text/html', cookie: `spillway_${new URL(spillway.url).port}=AAAAAAAAAAAAAAAAAAAAAA` },
    redirect: 'manual',
  });
  expect(page.status).toBe(503);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('cannot reach its records');
}

const resumes = (gateway: Pep) =>
  expect
    .poll(async () => (await gateway.evaluation(staging)).status, { timeout: 60_000 })
    .toBe(200);

test('while PostgreSQL is away nothing is decided, and everything resumes by itself', async ({ postgres, records, served, gateway }) => {
  expect((await gateway.ask(staging)).decision).toBe(true);
  await postgres.stop();
  await expectAway(served, gateway);
  await postgres.begin();
  await resumes(gateway);
  expect((await gateway.ask(staging)).decision).toBe(true);
  await signed(records);
  await served.verify();
});

test('while PostgreSQL hangs nothing is decided either', async ({ postgres, served, gateway }) => {
  expect((await gateway.ask(staging)).decision).toBe(true);
  const release = await postgres.hang();
  try {
    await expectAway(served, gateway);
  } finally {
    release();
  }
  await resumes(gateway);
});

base('a kill in the middle of load loses no decision that was answered', async ({ pep, spillway, database }) => {
  const answered: string[] = [];
  let going = true;
  let enough = () => {};
  const underWay = new Promise<void>((done) => {
    enough = done;
  });
  const ask = async () => {
    for (let n = 0; going && n < 2_000; n++) {
      try {
        const { status, body } = await pep.evaluation(staging);
        if (status === 200) answered.push(body.context.evaluation_id);
      } catch {
        // The connection broke: whether this one was decided nobody was told.
        return;
      }
      if (answered.length >= 300) enough();
    }
  };
  const load = Array.from({ length: 16 }, ask);
  await underWay;
  await spillway.stop('SIGKILL');
  going = false;
  await Promise.all(load);
  expect(answered.length).toBeGreaterThanOrEqual(300);

  await spillway.begin();
  const uuids = new Set(await database.column("SELECT replace(id::text, '-', '') FROM decisions"));
  const missing = answered.filter((id) => !uuids.has(hex(id)));
  expect(missing).toEqual([]);
  expect((await pep.ask(staging)).decision).toBe(true);
  await signed(database);
  await spillway.verify();
});

/** Waits until everything is placed and under a signed head: a log without any is reported, and rightly. */
const signed = (database: Database) =>
  expect
    .poll(
      () =>
        database.column(
          `SELECT NOT EXISTS (SELECT FROM ledger_pending)
              AND (SELECT size FROM ledger_head) = (SELECT max(size) FROM ledger_checkpoints)`,
        ),
      { timeout: 30_000 },
    )
    .toEqual(['t']);

/** The UUID in an id: 26 digits of Crockford's base 32, after the prefix. */
function hex(id: string): string {
  const digits = '0123456789abcdefghjkmnpqrstvwxyz';
  const value = [...(id.split('_')[1] ?? '')].reduce((sum, digit) => sum * 32n + BigInt(digits.indexOf(digit)), 0n);
  return value.toString(16).padStart(32, '0');
}
