import { people } from '../support/people.ts';
import { deploy } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';

const staging = deploy('payments-staging');

test('every step is in the log, and a decision says what it would have been', async ({ pep, signedIn }) => {
  const [jonas, bob] = [await signedIn(people.jonas), await signedIn(people.bob)];
  const sent = await jonas.post('/opt-outs/request', [
    ['scenario', 'operational-window'],
    ['direction', 'to_manual'],
    ['title', 'Hands on staging'],
    ['scope.resources', 'service payments-staging'],
    ['reason', 'Database migration by hand until the new schema is proven.'],
    ['intent', 'send'],
  ]);
  const id = sent.location.split('/').at(-1) ?? '';
  for (const [intent, reason] of [
    ['approve', 'Agreed with the team.'],
    ['revoke', 'The migration is done.'],
  ] as const) {
    if (intent === 'revoke') expect((await pep.ask(staging)).decision).toBe(false);
    const done = await bob.post(`/opt-outs/${id}`, [
      ['intent', intent],
      ['reason', reason],
    ]);
    expect(done.status, intent).toBe(303);
  }
  expect((await pep.ask(staging)).decision).toBe(true);

  const aya = await signedIn(people.aya);
  await aya.open('/audit');
  await expect(aya.heading('Audit log')).toBeVisible();
  await aya.look('audit');
  await aya.field('About (id)').fill(id);
  await aya.page.locator('main').getByRole('button', { name: /filter|apply|show/i }).first().click();
  await expect(aya.page).toHaveURL(new RegExp(`object=${id}`));
  const events = aya.page.getByRole('table', { name: 'Events' });
  for (const verb of ['requested it', 'approved stage 1', 'ended it']) {
    await expect(events.getByText(verb).first()).toBeVisible();
  }
  await expect(events.getByText('signed_in'), 'only what is about it').toHaveCount(0);
  await expect(events.getByText(people.bob.name).first()).toBeVisible();
  await aya.look('audit-filtered');

  await events.getByRole('link', { name: /^evt_/ }).first().click();
  await expect(aya.heading('What was recorded')).toBeVisible();
  await expect(aya.text('The migration is done.').first()).toBeVisible();
  await expect(aya.heading('Proof')).toBeVisible();
  await aya.look('audit-event');

  await aya.open('/audit/decisions?changed=yes');
  const decisions = aya.page.getByRole('table', { name: 'Decisions' });
  await expect(decisions.getByRole('row')).toHaveCount(2);
  await aya.look('decisions');
  await decisions.getByRole('link', { name: /ci\/payments/ }).first().click();
  await expect(aya.text(/Without opt-outs: automate/).first()).toBeVisible();
  await expect(aya.text(/Effective: review/).first()).toBeVisible();
  await expect(aya.text('Hands on staging').first()).toBeVisible();
  await expect(aya.text(/comes out the same/)).toBeVisible();
  await aya.look('decision');
});

test('the policy reads as it is in force', async ({ signedIn }) => {
  const alice = await signedIn(people.alice);
  await alice.open('/policies');
  for (const tier of ['critical', 'high', 'standard', 'low']) {
    await expect(alice.text(tier).first()).toBeVisible();
  }
  await expect(alice.text('no-unattended-prod-deploy').first()).toBeVisible();
  await alice.look('policies');
});

test('the audit log is not for everybody', async ({ signedIn }) => {
  const alice = await signedIn(people.alice);
  for (const path of ['/audit', '/audit/decisions']) {
    expect(await alice.open(path), path).toBe(403);
    await expect(alice.heading('This is not yours to see')).toBeVisible();
  }
  await alice.look('audit-refused');
});
