import { prepared } from '../support/installation.ts';
import { deploy, Pep } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';

const production = deploy('payments-prod');

test('a request is filed once, whoever sends it twice', async ({ pep }) => {
  const denial = await pep.ask(production);
  const first = await pep.request(production, denial, { idempotencyKey: 'release-4.12.0' });
  expect(first.status).toBe(202);
  expect(first.body.task).toMatchObject({ id: expect.stringMatching(/^req_/), status: 'pending' });
  expect(first.headers.get('location')).toBe(first.body.task.status_endpoint);

  const again = await pep.request(production, denial, { idempotencyKey: 'release-4.12.0' });
  expect(again.body.task.id).toBe(first.body.task.id);
  const without = await pep.request(production, denial);
  expect(without.body.task.id, 'the denial itself is a key').toBe(first.body.task.id);

  const other = await pep.request(production, denial, {
    idempotencyKey: 'release-4.12.0',
    reason: 'Something else altogether, under the same key',
  });
  expect(other.status).toBe(409);
  expect(await pep.status(first.body)).toMatchObject({ task: { status: 'pending' } });
});

test('a request that is taken back is cancelled for good', async ({ pep }) => {
  const task = await pep.file(production);
  const cancelled = await pep.cancel(task);
  expect(cancelled.body.task.status).toBe('cancelled');
  expect((await pep.status(task)).task.status).toBe('cancelled');
  expect((await pep.cancel(task)).status).toBe(409);
});

test('only a fresh denial of one’s own can be turned into a request', async ({ pep, spillway }) => {
  const denial = await pep.ask(production);
  const granted = await pep.ask(deploy('payments-staging'));
  const refused = await pep.request(deploy('payments-staging'), granted);
  expect(refused.status).toBe(400);
  expect(refused.headers.get('content-type')).toContain('application/problem+json');

  const forOther = await pep.request(deploy('payments-staging'), denial);
  expect(forOther.status, 'bound to what was asked').toBe(400);
  const stranger = new Pep(spillway.url, prepared().tokens.console);
  expect((await stranger.request(production, denial)).status, 'bound to who asked').toBe(400);

  const task = await pep.file(production);
  const foreign = await fetch(task.task.status_endpoint, {
    headers: { authorization: `Bearer ${prepared().tokens.console}` },
  });
  expect(foreign.status, 'another client’s task is not there').toBe(404);
});

test('what is wrong is named by a pointer, and nothing is filed', async ({ pep, database }) => {
  const denial = await pep.ask(production);
  const pointers = async (wish: Parameters<Pep['request']>[2]) => {
    const { status, body } = await pep.request(production, denial, wish);
    expect(status).toBe(400);
    return (body as unknown as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
  };
  expect(await pointers({ reason: 'short' })).toEqual(['/context/business_justification']);
  expect(await pointers({ reason: 'x'.repeat(20_000) })).toEqual(['/context/business_justification']);
  expect(await pointers({ until: new Date(Date.now() - 60_000) })).toEqual(['/requested_access/requested_until']);
  expect(await pointers({ until: new Date(Date.now() + 30 * 86_400_000) })).toEqual([
    '/requested_access/requested_until',
  ]);
  expect(await pointers({ from: new Date(Date.now() - 3_600_000) })).toEqual(['/requested_access/requested_from']);
  expect(await pointers({ from: new Date(Date.now() + 60 * 86_400_000) })).toEqual([
    '/requested_access/requested_from',
  ]);
  expect(await database.column('SELECT count(*) FROM access_requests')).toEqual(['0']);
});
