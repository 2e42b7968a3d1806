// Nodes whose machine's clock is wrong, beside one whose clock is right: the real program under libfaketime.

import { join } from 'node:path';
import { prepared } from '../support/installation.ts';
import { FAKETIME } from '../support/machine.ts';
import { deploy, Pep } from '../support/pep.ts';
import { Spillway } from '../support/spillway.ts';
import { expect, test } from '../support/test.ts';

const OFFSETS = ['+3h', '-3h', '+30h', '-30h'];
const staging = deploy('payments-staging');
const signal = {
  subject: { type: 'workload', id: 'ci/payments' },
  risk: 'HIGH',
  id: 'EM-1',
  reason: 'Its token was seen elsewhere',
};

test('nodes whose clocks are wrong end nothing, take nothing and answer nothing', async ({ folder, database, spillway, pep }) => {
  const [gate, monitor] = [prepared().tokens['ci-gateway'], prepared().tokens['endpoint-monitor']];
  expect((await pep.ask(staging)).decision).toBe(true);
  const expires_at = new Date(Date.now() + 60 * 60 * 1000).toISOString();
  const opened = await new Pep(spillway.url, monitor).post('/api/v1/signals', { ...signal, expires_at });
  expect(opened.status, JSON.stringify(opened.body)).toBe(201);
  expect((await pep.ask(staging)).decision).toBe(false);
  const stored = () =>
    database.column(
      `SELECT 'opt-out ' || state || ' ' || end_reported FROM opt_outs
       UNION ALL SELECT 'sessions ' || count(*) FROM sessions`,
    );
  const before = await stored();

  const environment = { LD_PRELOAD: FAKETIME, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const wrong = await Promise.all(
    OFFSETS.map((offset) =>
      Spillway.start(database.serving, prepared().provider, join(folder, offset), '', { ...environment, FAKETIME: offset }),
    ),
  );
  try {
    for (const node of wrong) {
      const ready = await fetch(`${node.url}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ errors: [{ code: 'clock_off' }] });
      expect((await new Pep(node.url, gate).evaluation(staging)).status).toBe(503);
      const late = { ...signal, id: 'EM-2', expires_at: new Date(Date.now() - 60 * 60 * 1000).toISOString() };
      expect((await new Pep(node.url, monitor).post('/api/v1/signals', late)).status).toBe(503);
    }
    for (const node of wrong) {
      await node.running.until('its reporter came round', async () =>
        node.running.output().includes('ends could not be reported yet'),
      );
    }
    expect(await stored()).toEqual(before);
    // Somebody who starts now finds it in force too.
    const fresh = await Spillway.start(database.serving, prepared().provider, join(folder, 'fresh'));
    expect((await new Pep(fresh.url, gate).ask(staging)).decision).toBe(false);
    await fresh.stop();
    expect((await pep.ask(staging)).decision).toBe(false);
    expect((await fetch(`${spillway.url}/readyz`)).status).toBe(200);
  } finally {
    for (const node of wrong) await node.stop();
  }
});
