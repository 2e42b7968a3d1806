import { prepared } from '../support/installation.ts';
import { people } from '../support/people.ts';
import { Pep } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const PATH = '/opt-outs/request';

async function asked(visitor: Visitor, fields: [string, string][]): Promise<string> {
  const sent = await visitor.post(PATH, [...fields, ['intent', 'send']]);
  expect(sent.status, sent.text.slice(0, 2000)).toBe(303);
  return sent.location;
}

/** Votes as somebody does who looks at the page first. */
async function approves(visitor: Visitor, path: string): Promise<void> {
  await visitor.open(path);
  await visitor.button('Approve').click();
  await visitor.button(/^Approve (stage|it)/).click();
  await expect(visitor.page).toHaveURL(new RegExp(`${path}$`));
  await expect(visitor.button('Approve')).toHaveCount(0);
}

test('two stages, the second of them with and and or', async ({ signedIn }) => {
  const supplier: [string, string][] = [
    ['scenario', 'supplier-access'],
    ['direction', 'bypass'],
    ['title', 'The supplier rebuilds the search index'],
    ['scope.principals', 'person liam.byrne'],
    ['scope.resources', 'service search-prod'],
    ['scope.capabilities', 'deploy'],
    ['scope.rules', 'contractors-need-review'],
    ['reason', 'The index has to be rebuilt step by step while the old one still serves.'],
    ['details.compensating_control', 'Dana watches the session from beginning to end.'],
  ];
  const demand = '1 of On call, and either 1 of Security or 1 of Platform owners';
  const alice = await signedIn(people.alice);
  const preview = await alice.post(PATH, [...supplier, ['intent', 'preview']]);
  expect(preview.text, 'before it is sent').toContain(demand);
  const path = await asked(alice, supplier);
  await alice.open(path);
  await expect(alice.text(demand).first()).toBeVisible();

  await approves(await signedIn(people.ines), path);
  const omar = await signedIn(people.omar);
  await omar.open(path);
  await expect(omar.text(demand).first()).toBeVisible();
  await omar.look('and-or');
  await approves(omar, path);
  await expect(omar.text('Who decides'), 'security alone is not both').toBeVisible();
  const dana = await signedIn(people.dana);
  await approves(dana, path);
  await expect(dana.text(/it is approved\./).first()).toBeVisible();
});

test('a bypass ends with its incident, and says so before and after', async ({ signedIn, spillway }) => {
  const tool = new Pep(spillway.url, prepared().tokens['incident-tool']);
  const tells = (state: 'open' | 'resolved') =>
    tool.put<{ state: string }>('/api/v1/incidents/INC-4501', { state, title: 'Staging is stuck' });
  expect((await tells('open')).status).toBe(201);
  const alice = await signedIn(people.alice);
  const path = await asked(alice, [
    ['scenario', 'incident-response'],
    ['direction', 'bypass'],
    ['title', 'Roll-backs during INC-4501'],
    ['scope.principals', 'workload ci/payments'],
    ['scope.resources', 'service payments-staging'],
    ['scope.rules', 'no-unattended-prod-deploy'],
    ['reason', 'Staging has to be rolled back every few minutes.'],
    ['length_secs', '14400'],
    ['details.incident_id', 'INC-4501'],
  ]);
  await alice.open(path);
  await expect(alice.text(/30 minutes after incident INC-4501 is resolved/)).toBeVisible();
  await approves(await signedIn(people.bob), path);
  expect((await tells('resolved')).status).toBe(200);
  await alice.open(path);
  await expect(alice.text(/Incident INC-4501 is resolved, so it ends 30 minutes after that\./)).toBeVisible();
  await expect(alice.text(/is resolved, so it ends earlier\./).first()).toBeVisible();
  await alice.look('incident-bound');
  const late = await alice.post(PATH, [
    ['scenario', 'incident-response'],
    ['direction', 'bypass'],
    ['title', 'Roll-backs after INC-4501'],
    ['scope.principals', 'workload ci/payments'],
    ['scope.resources', 'service payments-staging'],
    ['scope.rules', 'no-unattended-prod-deploy'],
    ['reason', 'Staging has to be rolled back every few minutes.'],
    ['details.incident_id', 'INC-4501'],
    ['intent', 'send'],
  ]);
  expect(late.status).toBe(422);
  expect(late.text).toContain('Incident INC-4501 is resolved.');
});
