import { people } from '../support/people.ts';
import { deploy, type Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';
import { approvesCritical } from '../support/voting.ts';

const production = deploy('payments-prod');
const reading: Question = {
  subject: { type: 'workload', id: 'job/nightly-export' },
  action: { name: 'read' },
  resource: { type: 'database', id: 'ledger-db' },
};
const PATH = '/opt-outs/request';
const WHY = 'The gateway cannot send the standing ticket of the nightly export; OPS-77 mends it.';

/** The pipeline's deployments without a person: the strictest tier, charged to payments. */
const deployments = (title: string): [string, string][] => [
  ['scenario', 'false-positive'],
  ['direction', 'bypass'],
  ['title', title],
  ['scope.principals', 'workload ci/payments'],
  ['scope.resources', 'service payments-prod'],
  ['scope.rules', 'no-unattended-prod-deploy'],
  ['reason', 'The roll-back job has to run every few minutes while the payout queue drains.'],
  ['length_secs', '3600'],
];

/** The nightly export reads the ledger without a ticket. */
const exporting: [string, string][] = [
  ['scenario', 'false-positive'],
  ['direction', 'bypass'],
  ['title', 'Nightly export without a ticket'],
  ['scope.principals', 'workload job/nightly-export'],
  ['scope.resources', 'database ledger-db'],
  ['scope.capabilities', 'read'],
  ['scope.rules', 'read-needs-ticket'],
  ['reason', WHY],
  ['length_secs', '14400'],
];

async function asked(visitor: Visitor, fields: [string, string][]): Promise<string> {
  const sent = await visitor.post(PATH, [...fields, ['intent', 'send']]);
  expect(sent.status, sent.text.slice(0, 2000)).toBe(303);
  return sent.location;
}

async function agrees(visitor: Visitor, path: string): Promise<void> {
  const sent = await visitor.post(path, [
    ['intent', 'approve'],
    ['reason', 'Agreed.'],
  ]);
  expect(sent.status, sent.text.slice(0, 2000)).toBe(303);
}

/** Opens the form and waits until it follows what is done to it. */
async function form(visitor: Visitor, path = PATH): Promise<void> {
  await visitor.open(path);
  if (visitor.hasScript) await expect(visitor.button('One more').first()).toBeVisible();
}

test('an empty budget asks one stage more, and says so before, at and after it', async ({ pep, signedIn }) => {
  const alice = await signedIn(people.alice);
  for (let number = 1; number <= 6; number++) await asked(alice, deployments(`Roll-back ${number}`));

  await form(alice);
  await alice.page.getByRole('radio', { name: /^A rule matches/ }).check();
  await alice.page.getByRole('radio', { name: /^Bypass/ }).check();
  await alice.field('Who').first().fill('workload ci/payments');
  await alice.field(/^Which resources/).first().fill('service payments-prod');
  await alice.page.getByRole('checkbox', { name: /^no-unattended-prod-deploy/ }).check();
  await alice.field(/^Title/).fill('Roll-back 7');
  await alice.field(/^Reason/).fill('The roll-back job has to run every few minutes while the payout queue drains.');
  await alice.field(/^Or for/).selectOption('1 h');
  await alice.button('Preview').click();
  await expect(alice.text('none of 6 left')).toBeVisible();
  await expect(alice.text('One stage more: the budget of Payments is used up.')).toBeVisible();
  await expect(alice.text('Stage 3')).toBeVisible();
  await alice.look('budget-preview');
  await alice.button('Send for approval').click();
  await expect(alice.page).toHaveURL(/\/opt-outs\/opt_/);
  const path = new URL(alice.page.url()).pathname;
  await expect(alice.text('One stage more: the budget of Payments is used up.')).toBeVisible();
  await expect(alice.text('none of 6 left')).toBeVisible();
  await alice.look('budget-asked');

  const bob = await signedIn(people.bob);
  await bob.open('/approvals');
  await expect(bob.text(/budget of Payments used up/)).toBeVisible();
  await approvesCritical(bob, people.bob, path);
  await approvesCritical(await signedIn(people.omar), people.omar, path);
  expect((await pep.ask(production)).decision, 'two of three stages are not enough').toBe(false);
  await approvesCritical(await signedIn(people.dana), people.dana, path);
  expect((await pep.ask(production)).decision).toBe(true);

  // A place comes back where nobody got the bypass.
  const list = await alice.open('/policies');
  expect(list).toBe(200);
  const budgets = alice.page.locator('#budgets');
  await expect(budgets.getByRole('row', { name: /Payments/ })).toContainText('none of 6 left');
  await expect(budgets.getByRole('link', { name: 'Roll-back 3' })).toBeVisible();
  await alice.look('budgets');
});

test('renewed: filled in from the one before, with a reason and an approval of its own', async ({ pep, signedIn }) => {
  const alice = await signedIn(people.alice);
  const first = await asked(alice, exporting);
  await agrees(await signedIn(people.ines), first);
  await agrees(await signedIn(people.omar), first);
  expect((await pep.ask(reading)).decision).toBe(true);

  await alice.open(first);
  await alice.link('Renew').click();
  await expect(alice.heading('Renew an opt-out')).toBeVisible();
  if (alice.hasScript) await expect(alice.button('One more').first()).toBeVisible();
  await expect(alice.text('1 decision, which came out otherwise than without it.')).toBeVisible();
  await expect(alice.text(WHY), 'what was said last time').toBeVisible();
  await expect(alice.field(/^Title/)).toHaveValue('Nightly export without a ticket');
  await expect(alice.field('Who').first()).toHaveValue('workload job/nightly-export');
  await expect(alice.page.getByRole('checkbox', { name: /^read-needs-ticket/ })).toBeChecked();
  await expect(alice.field(/^Reason/), 'the reason is a new one').toHaveValue('');
  await expect(alice.field(/^Or for/).locator('option').first(), 'half of four hours').toHaveText('As long as it may');
  await expect(alice.field(/^Or for/).locator('option', { hasText: '4 h' })).toHaveCount(0);
  await alice.look('renewal-form');
  await alice.field(/^Reason/).fill(WHY);
  await alice.button('Send for approval').click();
  await expect(alice.field(/^Reason/)).toHaveAccessibleDescription(/what was said last time/);
  await expect(alice.heading('Renew an opt-out'), 'it stays a renewal').toBeVisible();
  await alice.field(/^Reason/).fill('OPS-77 is in review; until it is out, the export needs two more nights of it.');
  await alice.button('Preview').click();
  await expect(alice.text('Latest end').first()).toBeVisible();
  await alice.button('Send for approval').click();
  await expect(alice.page).toHaveURL(/\/opt-outs\/opt_/);
  const second = new URL(alice.page.url()).pathname;
  expect(second).not.toBe(first);
  await expect(alice.heading('Renewals')).toBeVisible();
  await expect(alice.page.locator(`main a[href="${first}"]`)).toBeVisible();
  await alice.look('renewal-asked');
  const again = await alice.post(PATH, [...exporting, ['renews', first.split('/').at(-1) ?? ''], ['intent', 'send']]);
  expect(again.status, 'nothing is renewed twice').toBeGreaterThanOrEqual(400);

  await agrees(await signedIn(people.ines), second);
  await agrees(await signedIn(people.omar), second);
  await alice.open(first);
  await expect(alice.text('of it is approved.')).toBeVisible();
  await expect(alice.page.locator(`main a[href="${second}"]`)).toBeVisible();
  await expect(alice.link('Renew'), 'it was renewed already').toHaveCount(0);
  await alice.look('renewed');

  // It is needed no more: whoever asked closes it, and that ends it everywhere.
  await alice.open(second);
  await alice.button('Close early').click();
  await expect(alice.heading('Close this opt-out now?')).toBeVisible();
  await alice.look('close-early-confirm');
  await alice.button('Close it now').click();
  await expect(alice.text('closed it early.')).toBeVisible();
  await alice.look('closed-early');
});

test('what is begun is kept for who began it, until it is sent', async ({ signedIn }) => {
  const alice = await signedIn(people.alice);
  await form(alice);
  await alice.field(/^Title/).fill('Hands on the ledger');
  await alice.field(/^Which resources/).first().fill('database ledger-db');
  await alice.button('Save draft').click();
  await expect(alice.text(/Your draft “Hands on the ledger” was kept/)).toBeVisible();
  await expect(alice.field(/^Title/)).toHaveValue('Hands on the ledger');
  await alice.look('draft-kept');
  const jonas = await signedIn(people.jonas);
  await form(jonas);
  await expect(jonas.text(/Your draft/), 'only hers').toHaveCount(0);

  await form(alice);
  await expect(alice.field(/^Title/), 'opened anew').toHaveValue('');
  await alice.link('Go on with it').click();
  await expect(alice.field(/^Title/)).toHaveValue('Hands on the ledger');
  await expect(alice.field(/^Which resources/).first()).toHaveValue('database ledger-db');
  await alice.button('Discard it').click();
  await expect(alice.text(/Your draft/)).toHaveCount(0);
  await alice.post(PATH, [...exporting, ['intent', 'preview']]);
  await form(alice);
  await expect(alice.text(/Your draft “Nightly export without a ticket”/), 'a look keeps it').toBeVisible();
  await asked(alice, exporting);
  await form(alice);
  await expect(alice.text(/Your draft/), 'it is sent').toHaveCount(0);
});

test('a case asks for what it needs, and its ticket looks as it says', async ({ signedIn }) => {
  const alice = await signedIn(people.alice);
  await form(alice);
  const control = alice.field(/^Compensating control/);
  await expect(control).toBeHidden();
  await alice.page.getByRole('radio', { name: /^Audit or examination/ }).check();
  await alice.page.getByRole('radio', { name: /^Bypass/ }).check();
  await alice.field('Who').first().fill('group auditors-external');
  await alice.field(/^Which resources/).first().fill('label system=ledger');
  await alice.page.getByRole('checkbox', { name: /^read-needs-ticket/ }).check();
  await alice.field(/^Title/).fill('Ledger reads during the Q4 audit');
  await alice.field(/^Reason/).fill('The examiners sample about 300 postings a day; a ticket each would stall them.');
  if (alice.hasScript) await expect(control).toBeVisible();
  await alice.button('Preview').click();
  await expect(control).toBeVisible();
  await expect(control).toHaveAttribute('aria-invalid', 'true');
  await expect(alice.field(/^Data classification/)).toHaveAttribute('aria-invalid', 'true');
  await expect(alice.page.getByLabel('Incident', { exact: true })).toBeHidden();
  await alice.look('case-fields');
  await control.fill('Replica only, and every query is recorded.');
  await alice.field(/^Data classification/).selectOption('confidential');
  await alice.button('Send for approval').click();
  await expect(alice.page).toHaveURL(/\/opt-outs\/opt_/);
  await expect(alice.text('Replica only, and every query is recorded.')).toBeVisible();
  await expect(alice.text('confidential')).toBeVisible();

  const freeze: [string, string][] = [
    ...deployments('One release').filter(([name]) => name !== 'scenario' && name !== 'scope.rules'),
    ['scenario', 'change-freeze-exception'],
    ['scope.rules', 'change-freeze'],
    ['ticket', 'ask Bob'],
    ['intent', 'send'],
  ];
  const refused = await alice.post(PATH, freeze);
  expect(refused.status).toBe(422);
  expect(refused.text).toContain('Name the change, such as CHG-9031.');
  expect(refused.text).toContain('href="#field-ticket"');
});

test('narrowed by an approver: who asked sees both versions, and nothing can be widened', async ({ pep, signedIn }) => {
  const alice = await signedIn(people.alice);
  const path = await asked(alice, [
    ...exporting,
    ['scope.principals', 'workload ci/data'],
    ['scope.resources', 'database warehouse'],
    ['max_uses', '20'],
  ]);
  const ines = await signedIn(people.ines);
  for (const wider of [['shorten_to', '28800'], ['max_uses', '21']] as const) {
    const refused = await ines.post(path, [['intent', 'approve'], ['reason', 'Longer.'], [wider[0], wider[1]]]);
    expect(refused.status, wider[0]).toBe(422);
  }
  await ines.open(path);
  await ines.field('Reason').fill('One hour and five reads are enough for the export.');
  await ines.field(/^Shorten to/).selectOption('1 h');
  await ines.field(/^Fewer uses/).fill('5');
  const keeps = (name: string) => ines.page.getByRole('checkbox', { name, exact: true });
  await expect(keeps('workload job/nightly-export')).toBeChecked();
  await expect(keeps('database ledger-db')).toBeChecked();
  await expect(keeps('read'), 'the only one of its kind cannot be taken out').toHaveCount(0);
  await keeps('workload ci/data').uncheck();
  await keeps('database ledger-db').uncheck();
  await keeps('database warehouse').uncheck();
  await ines.look('narrow-scope');
  await ines.button('Approve').click();
  await expect(ines.text('Keep at least one of these, or deny it.').first()).toBeVisible();
  await expect(keeps('workload ci/data'), 'what was unticked stays so').not.toBeChecked();
  await keeps('database ledger-db').check();
  await ines.button('Approve').click();
  await expect(ines.text(/You take out: workload ci\/data, database warehouse\./)).toBeVisible();
  await ines.look('narrow-scope-confirm');
  await ines.button('Approve stage 1 of 2').click();
  await expect(ines.text('One hour and five reads are enough for the export.').first()).toBeVisible();
  await agrees(await signedIn(people.omar), path);
  expect((await pep.ask(reading)).decision).toBe(true);

  await alice.open(path);
  const narrowed = alice.page.getByRole('table', { name: /what an approver made of it/ });
  await expect(narrowed.getByRole('row', { name: /How long/ })).toContainText(/4 h.*1 h/);
  await expect(narrowed.getByRole('row', { name: /Uses/ })).toContainText(/20.*5/);
  await expect(narrowed.getByRole('row', { name: /^Who/ }).locator('del')).toContainText('workload ci/data');
  await expect(narrowed.getByRole('row', { name: /^Resources/ }).locator('del')).toContainText('database warehouse');
  await alice.look('narrowed');
});
