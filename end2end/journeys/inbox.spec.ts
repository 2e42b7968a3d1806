import { people } from '../support/people.ts';
import { deploy, type Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';
import { deniesCritical } from '../support/voting.ts';

const production = deploy('payments-prod');
const reading: Question = {
  subject: { type: 'person', id: 'alice.meyer' },
  action: { name: 'read' },
  resource: { type: 'database', id: 'ledger-db' },
};

/** A bypass on staging, of the lowest tier: bob and the other owners of payments decide. Where its page is. */
async function onStaging(visitor: Visitor, title: string, rule = 'known-network'): Promise<string> {
  const sent = await visitor.post('/opt-outs/request', [
    ['scenario', 'false-positive'],
    ['direction', 'bypass'],
    ['title', title],
    ['scope.principals', 'person hanna.lindt'],
    ['scope.resources', 'service payments-staging'],
    ['scope.rules', rule],
    ['reason', 'Two days of training on a network that the list does not have yet.'],
    ['length_secs', '14400'],
    ['intent', 'send'],
  ]);
  expect(sent.status, sent.text.slice(0, 2000)).toBe(303);
  return sent.location;
}

const box = (visitor: Visitor, title: string) =>
  visitor.page.getByRole('checkbox', { name: new RegExp(`^Select Opt-out: ${title}`) });

test('a question waits for its answer, in sight of both sides', async ({ pep, signedIn }) => {
  const task = await pep.file(production);
  const bob = await signedIn(people.bob);
  await bob.open(`/approvals/${task.task.id}`);
  await bob.button('Send comment').click();
  await expect(bob.field('Your comment')).toHaveAttribute('aria-invalid', 'true');
  await bob.look('comment-refused');
  await bob.field('Your comment').fill('Which release is it?\nAnd does <b>CHG-1</b> cover it?');
  await bob.page.getByRole('checkbox', { name: /It waits for an answer/ }).check();
  await bob.button('Send comment').click();
  await expect(bob.text('And does <b>CHG-1</b> cover it?')).toBeVisible();
  await expect(bob.text('waits for an answer').first()).toBeVisible();
  await bob.look('comment-question');
  await bob.open('/approvals');
  await expect(bob.text(/^no answer for/)).toBeVisible();
  await bob.look('inbox-question');

  // Nobody started the pipeline, so whoever answers for it answers.
  const jonas = await signedIn(people.jonas);
  await jonas.open('/');
  await expect(jonas.text(/Which release is it\? And does/)).toBeVisible();
  await jonas.look('home-question');
  await jonas.page.locator('main').getByRole('link', { name: 'Deploy to payments-prod' }).first().click();
  await expect(jonas.heading('Comments')).toBeVisible();
  await jonas.look('comment-to-answer');
  await jonas.field('Your comment').fill('4.12.0, and it does.');
  await jonas.button('Send comment').click();
  await expect(jonas.panel('Comments')).toContainText('answered Bob Okafor');
  await jonas.open('/');
  await expect(jonas.text(/Which release is it/)).toHaveCount(0);

  await bob.open('/approvals');
  await expect(bob.text(/^no answer for/)).toHaveCount(0);
  await bob.open(`/approvals/${task.task.id}`);
  await expect(bob.panel('Comments')).toContainText('4.12.0, and it does.');
  const status = await pep.status(task);
  expect(status.task.status, 'nothing has changed by it').toBe('pending');
  await deniesCritical(bob, people.bob, `/approvals/${task.task.id}`, 'Then not tonight.');
  await expect(bob.text(/You denied this/)).toBeVisible();
  await expect(bob.field('Your comment'), 'it is over').toHaveCount(0);
  await expect(bob.panel('Comments')).toContainText('4.12.0, and it does.');
});

test('several are denied for one reason, and what did not go through says why', async ({ signedIn }) => {
  const alice = await signedIn(people.alice);
  const [first, second] = [await onStaging(alice, 'Staging one'), await onStaging(alice, 'Staging two')];
  const bob = await signedIn(people.bob);
  await bob.open('/approvals');
  await expect(bob.text(/Up to 20 that are alike/)).toBeVisible();
  await bob.look('inbox-several');
  await bob.button('Deny…').click();
  await expect(bob.page.getByRole('alert')).toContainText('Select what you mean to decide.');
  await box(bob, 'Staging one').check();
  await box(bob, 'Staging two').check();
  await bob.button('Deny…').click();
  await expect(bob.heading('Deny these 2?')).toBeVisible();
  await bob.look('inbox-deny-confirm');
  await bob.button('Deny these 2').click();
  await expect(bob.field('Reason')).toHaveAttribute('aria-invalid', 'true');
  await bob.field('Reason').fill('Use the office network.');
  // Meanwhile one of them is taken back.
  expect((await alice.post(second, [['intent', 'withdraw']])).status).toBe(303);
  await bob.button(/^Deny th/).click();
  await expect(bob.heading('You denied 1 of 2')).toBeVisible();
  await expect(bob.text('It does not wait for your vote any more.')).toBeVisible();
  await bob.look('inbox-deny-done');
  await alice.open(first);
  await expect(alice.text(/Use the office network/).first()).toBeVisible();
});

test('only what is alike is approved together', async ({ signedIn }) => {
  const alice = await signedIn(people.alice);
  await onStaging(alice, 'Staging one');
  await onStaging(alice, 'Staging two');
  await onStaging(alice, 'Staging three', 'change-freeze');
  const bob = await signedIn(people.bob);
  await bob.open('/approvals');
  for (const title of ['Staging one', 'Staging two', 'Staging three']) await box(bob, title).check();
  await bob.button('Approve…').click();
  await expect(bob.page.getByRole('alert')).toContainText('Only what is alike is approved at once');
  await expect(box(bob, 'Staging three'), 'what was selected is kept').toBeChecked();
  await bob.look('inbox-unlike');
  await box(bob, 'Staging three').uncheck();
  await bob.button('Approve…').click();
  await expect(bob.heading('Approve these 2?')).toBeVisible();
  await expect(bob.text(/known-network no longer stops person hanna.lindt/)).toHaveCount(2);
  await bob.look('inbox-approve-confirm');
  await bob.button('Approve these 2').click();
  await expect(bob.heading('You approved 2')).toBeVisible();
  await expect(bob.text(/Your vote counts\. It is/)).toHaveCount(2);
  await bob.look('inbox-approve-done');
  await bob.open('/approvals');
  await expect(box(bob, 'Staging three')).toBeVisible();
  await expect(box(bob, 'Staging one')).toHaveCount(0);
});

test('the inbox is worked through with keys, which are left alone while one types', async ({ pep, signedIn }) => {
  const alice = await signedIn(people.alice);
  await onStaging(alice, 'Staging one');
  await onStaging(alice, 'Staging two');
  const bob = await signedIn(people.bob);
  const press = (keys: string) =>
    [...keys].reduce((before, key) => before.then(() => bob.page.keyboard.press(key)), Promise.resolve());
  await bob.open('/approvals');
  if (!bob.hasScript) {
    // The keys are a shortcut to what is there without them.
    await press('jxd');
    await expect(bob.heading('Approvals')).toBeVisible();
    await expect(bob.button('Deny…')).toBeVisible();
    return;
  }
  await expect(bob.page.locator('html[data-hydrated]')).toBeVisible();
  await press('?');
  await expect(bob.page.locator('#keys')).toHaveAttribute('open');
  await bob.look('inbox-keys');
  await press('?');
  await expect(bob.page.locator('#keys')).not.toHaveAttribute('open');
  const row = (title: string) => bob.page.locator('#rows').getByRole('link', { name: title });
  await row('Staging two').focus();
  await press('k');
  await expect(row('Staging one')).toBeFocused();
  await press('x');
  await expect(box(bob, 'Staging one')).toBeChecked();
  await press('xx');
  await expect(box(bob, 'Staging one')).toBeChecked();
  await press('jx');
  await expect(row('Staging two')).toBeFocused();
  await expect(box(bob, 'Staging two')).toBeChecked();
  await press('d');
  await expect(bob.heading('Deny these 2?')).toBeVisible();
  await bob.field('Reason').fill('');
  await bob.field('Reason').press('j');
  await bob.field('Reason').press('?');
  await expect(bob.field('Reason')).toHaveValue('j?');

  // Nothing selected: the row that has the focus.
  await bob.open('/approvals');
  await expect(bob.page.locator('html[data-hydrated]')).toBeVisible();
  await press('ja');
  await expect(bob.heading('Approve this one?')).toBeVisible();
  await pep.file(reading);
  const ines = await signedIn(people.ines);
  await ines.open('/approvals');
  await expect(ines.page.locator('html[data-hydrated]')).toBeVisible();
  await ines.page.keyboard.press('j');
  await ines.page.keyboard.press('a');
  await expect(ines.heading('Approve this request?'), 'too strict for a list: on its own page').toBeVisible();
});
