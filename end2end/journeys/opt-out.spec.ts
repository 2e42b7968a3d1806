import { people } from '../support/people.ts';
import { deploy, type Pep, type Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const staging = deploy('payments-staging');
const reading: Question = {
  subject: { type: 'workload', id: 'job/nightly-export' },
  action: { name: 'read' },
  resource: { type: 'database', id: 'ledger-db' },
};
const WHY = 'Database migration by hand until the new schema is proven; see the plan, step 7.';
const PATH = '/opt-outs/request';

/** The form's fields for taking staging's deployments out of the automation. */
const toManual = (more: Record<string, string> = {}): [string, string][] =>
  Object.entries({
    scenario: 'operational-window',
    direction: 'to_manual',
    title: 'Hands on staging',
    'scope.resources': 'service payments-staging',
    reason: WHY,
    ...more,
  });

/** What a person asks for without looking at the form; the opt-out's page. */
async function asked(visitor: Visitor, fields: [string, string][]): Promise<string> {
  const sent = await visitor.post(PATH, [...fields, ['intent', 'send']]);
  expect(sent.status, sent.text.slice(0, 2000)).toBe(303);
  expect(sent.location).toMatch(/^\/opt-outs\/opt_/);
  return sent.location;
}

/** Approves the stage that is open, on the opt-out's page. */
async function approve(visitor: Visitor, path: string, stage: string): Promise<void> {
  await visitor.open(path);
  await visitor.field('Reason').fill('Agreed with the team.');
  await visitor.button('Approve').click();
  await visitor.button(`Approve ${stage}`).click();
  await expect(visitor.text('Agreed with the team.').first()).toBeVisible();
}

/** The sentence that Spillway gives for an opt-out, and whether it changed what came out. */
const applied = (pep: Pep, question: Question) =>
  pep.ask(question).then(({ decision, context }) => ({
    decision,
    outcome: context.outcome,
    base: context.base_outcome,
    optOuts: context.opt_outs.map(({ id, direction, outcome_without }) => [id, direction, outcome_without]),
  }));

test('out of the automation: asked for with its consequence, approved by another, revoked', async ({ pep, signedIn }) => {
  expect((await pep.ask(staging)).decision).toBe(true);
  const jonas = await signedIn(people.jonas);
  await jonas.open('/opt-outs');
  await jonas.look('opt-outs-empty');
  await jonas.page.locator('main').getByRole('link', { name: 'Request opt-out' }).first().click();
  await expect(jonas.heading('Request an opt-out')).toBeVisible();
  // Once the page lives, it offers more lines; before that, what is typed is not followed.
  if (jonas.hasScript) await expect(jonas.button('One more').first()).toBeVisible();
  await jonas.look('opt-out-form');

  await jonas.page.getByRole('radio', { name: /^Operational window/ }).check();
  await jonas.page.getByRole('radio', { name: /^To manual/ }).check();
  await jonas.field(/^Which resources/).first().fill('service payments-staging');
  await jonas.field(/^Title/).fill('Hands on staging');
  await jonas.field(/^Reason/).fill('too short');
  await jonas.field(/^Or for/).selectOption('4 h');
  await jonas.button('Send for approval').click();
  const reason = jonas.field(/^Reason/);
  await expect(reason).toHaveAttribute('aria-invalid', 'true');
  await expect(reason).toHaveAccessibleDescription(/characters/);
  await expect(reason, 'what was typed is kept').toHaveValue('too short');
  await expect(jonas.field(/^Title/)).toHaveValue('Hands on staging');
  await expect(jonas.page.getByRole('radio', { name: /^Operational window/ })).toBeChecked();
  await jonas.look('opt-out-form-refused');

  // Whatever is missing, what the scope covers is counted.
  await jonas.button('Preview').click();
  await expect(jonas.page.locator('#so-far')).toContainText('anybody, 1 resource');
  await expect(jonas.page.locator('#so-far')).toContainText(/3 (named|can decide now)/);
  await jonas.look('opt-out-preview-so-far');

  await reason.fill(WHY);
  await jonas.button('Preview').click();
  await expect(jonas.heading('What will happen')).toBeVisible();
  await expect(jonas.text('On the last 30 days of real decisions:')).toBeVisible();
  await expect(jonas.text('Latest end').first()).toBeVisible();
  await expect(jonas.text('You asked, so you cannot decide.')).toBeVisible();
  await expect(jonas.text(/payments-owners|Payments owners/).first(), 'who decides').toBeVisible();
  await jonas.look('opt-out-preview');
  await jonas.button('Send for approval').click();
  await expect(jonas.page).toHaveURL(/\/opt-outs\/opt_/);
  const path = new URL(jonas.page.url()).pathname;
  const id = path.split('/').at(-1);
  await expect(jonas.heading('Hands on staging')).toBeVisible();
  await expect(jonas.text(/Your roles do not let you decide/), 'why one cannot decide').toBeVisible();
  await expect(jonas.button('Approve')).toHaveCount(0);
  await jonas.look('opt-out-asked');
  expect((await jonas.post(path, [['intent', 'approve']])).status, 'forged').toBe(403);
  expect((await pep.ask(staging)).decision, 'not before it is approved').toBe(true);

  const bob = await signedIn(people.bob);
  await bob.open('/approvals');
  await bob.page.locator('main').getByRole('link', { name: /Hands on staging/ }).click();
  await expect(bob.heading('Your decision')).toBeVisible();
  await bob.look('opt-out-approval');
  if (bob.hasScript) {
    await expect(bob.page.locator('html[data-hydrated]')).toBeVisible();
    await bob.page.keyboard.press('d');
    await expect(bob.heading('Deny this opt-out?')).toBeVisible();
    await bob.open(path);
  }
  await bob.field('Reason').fill('Agreed with the team.');
  await bob.button('Approve').click();
  await expect(bob.heading(/Approve stage 1 of 1\?/)).toBeVisible();
  await bob.look('opt-out-confirm');
  await bob.button('Approve stage 1 of 1').click();
  await expect(bob.text('Agreed with the team.').first()).toBeVisible();
  expect(await applied(pep, staging)).toEqual({
    decision: false,
    outcome: 'review',
    base: 'automate',
    optOuts: [[id, 'to_manual', 'automate']],
  });

  await bob.open(path);
  await expect(bob.page.locator('main').getByRole('table', { name: /applied/ })).toContainText('ci/payments');
  await bob.look('opt-out-active');
  await bob.button('Revoke now').click();
  await expect(bob.heading('Revoke this opt-out now?')).toBeVisible();
  await bob.button('Revoke now').click();
  const why = bob.page.getByRole('region', { name: /revoke/i }).or(bob.page.locator('#confirm')).getByLabel('Reason');
  await expect(why, 'revoking needs a reason').toHaveAttribute('aria-invalid', 'true');
  await why.fill('The migration is done.');
  await bob.button('Revoke now').click();
  await expect(bob.text('The migration is done.').first()).toBeVisible();
  expect(await applied(pep, staging)).toEqual({ decision: true, outcome: 'automate', base: 'automate', optOuts: [] });
  await bob.look('opt-out-revoked');
  await bob.open('/opt-outs');
  await bob.look('opt-outs');
});

test('out of a rule: two stages, two people, and the answer says what was taken out', async ({ pep, signedIn }) => {
  const before = await pep.ask(reading);
  expect(before).toMatchObject({ decision: false, context: { outcome: 'review', tier: 'high' } });
  const alice = await signedIn(people.alice);
  const path = await asked(alice, [
    ['scenario', 'false-positive'],
    ['direction', 'bypass'],
    ['title', 'Nightly export without a ticket'],
    ['scope.principals', 'workload job/nightly-export'],
    ['scope.resources', 'database ledger-db'],
    ['scope.capabilities', 'read'],
    ['scope.rules', 'read-needs-ticket'],
    ['reason', 'The nightly export has a standing ticket that the gateway cannot send; OPS-77 mends it.'],
    ['length_secs', '14400'],
  ]);
  const id = path.split('/').at(-1);
  await approve(await signedIn(people.ines), path, 'stage 1 of 2');
  expect((await pep.ask(reading)).decision, 'one of two stages is not enough').toBe(false);
  const ines = await signedIn(people.ines);
  expect((await ines.post(path, [['intent', 'approve']])).status, 'nobody counts twice').toBe(409);
  await approve(await signedIn(people.omar), path, 'stage 2 of 2');

  expect(await applied(pep, reading)).toEqual({
    decision: true,
    outcome: 'automate',
    base: 'review',
    optOuts: [[id, 'bypass', 'review']],
  });
  const after = await pep.ask(reading);
  expect(after.context.rules).toContainEqual(
    expect.objectContaining({ id: 'read-needs-ticket', taken_out_by: [id] }),
  );
  expect((await pep.ask({ ...reading, action: { name: 'write' } })).decision, 'nothing else').toBe(false);
  await alice.open(path);
  await alice.look('opt-out-bypass');
});

test('neither an approver nor an administrator decides what they asked for', async ({ signedIn, pep }) => {
  const bob = await signedIn(people.bob);
  const own = await asked(bob, toManual());
  await bob.open(own);
  await expect(bob.text('You asked for this, so you cannot decide it.')).toBeVisible();
  expect((await bob.post(own, [['intent', 'approve']])).status).toBe(403);
  await bob.look('opt-out-own');

  const petra = await signedIn(people.petra);
  const path = await asked(petra, toManual());
  await petra.open(path);
  await expect(petra.button('Approve')).toHaveCount(0);
  for (const intent of ['approve', 'deny']) {
    const forged = await petra.post(path, [
      ['intent', intent],
      ['reason', 'I administer this, so it is fine.'],
    ]);
    expect(forged.status, intent).toBe(403);
  }
  expect((await pep.ask(staging)).decision).toBe(true);
});

test('it ends by itself', async ({ pep, signedIn }) => {
  const [jonas, bob] = [await signedIn(people.jonas), await signedIn(people.bob)];
  const until = new Date(Date.now() + 12_000).toISOString().slice(0, 19);
  const path = await asked(jonas, toManual({ ends_at: until }));
  // Without a look at the page, which might take until the end.
  expect((await bob.post(path, [['intent', 'approve']])).status).toBe(303);
  expect(await applied(pep, staging)).toMatchObject({ decision: false, base: 'automate' });
  await expect.poll(async () => (await pep.ask(staging)).decision, { timeout: 40_000 }).toBe(true);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(`${until}Z`) - 1000);
  await bob.open(path);
  await expect(bob.text(/expired/i).first()).toBeVisible();
  await bob.look('opt-out-expired');
});

test('what may not be asked for is refused by its field, and nothing is written', async ({ signedIn, database }) => {
  const jonas = await signedIn(people.jonas);
  const bypass = (more: Record<string, string>) =>
    toManual({ scenario: 'false-positive', direction: 'bypass', 'scope.rules': 'no-unattended-prod-deploy', ...more });
  for (const [fields, field] of [
    [toManual({ reason: '' }), 'reason'],
    [toManual({ reason: 'x'.repeat(30_000) }), 'reason'],
    [toManual({ 'scope.resources': 'service unheard-of' }), 'scope.resources'],
    [toManual({ length_secs: '999999999' }), 'length_secs'],
    [toManual({ starts_at: '2030-01-02T00:00', ends_at: '2030-01-01T00:00' }), 'ends_at'],
    [bypass({ 'scope.resources': '' }), 'scope.resources'],
    [bypass({ 'scope.rules': 'no-bulk-export' }), 'scope.rules'],
    [toManual({ scenario: 'unheard-of' }), 'scenario'],
  ] as const) {
    const refused = await jonas.post(PATH, [...fields, ['intent', 'send']]);
    expect(refused.status, field).toBe(422);
    expect(refused.text, field).toContain(`href="#field-${field.replaceAll('.', '-')}"`);
  }
  expect(await database.column('SELECT count(*) FROM opt_outs')).toEqual(['0']);
});
