import { people } from '../support/people.ts';
import type { Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';

/** A contractor's deployment to production: tier standard, the owners of Search decide. Ines is one, Bob is not. */
const deploy: Question = {
  subject: { type: 'person', id: 'liam.byrne' },
  action: { name: 'deploy' },
  resource: { type: 'service', id: 'search-prod' },
};
const PATH = '/settings/delegations';

/** As `datetime-local` sends it, in UTC. */
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);

test('votes are lent for a holiday, used in the other’s place, and taken back', async ({ pep, signedIn }) => {
  const task = await pep.file(deploy);
  const approval = `/approvals/${task.task.id}`;
  const bob = await signedIn(people.bob);
  await bob.open('/approvals');
  await expect(bob.text('Nothing waits for you')).toBeVisible();

  const ines = await signedIn(people.ines);
  await ines.open(PATH);
  await ines.look('delegations-none');
  await ines.field('Reason').fill('x');
  await ines.button('Lend my votes').click();
  await expect(ines.field(/^To$/)).toHaveAttribute('aria-invalid', 'true');
  await expect(ines.field('Until')).toHaveAttribute('aria-invalid', 'true');
  await expect(ines.field('Reason'), 'what was typed is kept').toHaveValue('x');
  await ines.look('delegations-refused');
  await ines.field(/^To$/).selectOption({ label: 'Bob Okafor' });
  await ines.field('Until').fill(inDays(7));
  await ines.field('Reason').fill('On leave until Wednesday.');
  await ines.button('Lend my votes').click();
  await expect(ines.text('Bob Okafor decides in your place')).toBeVisible();
  await ines.look('delegations');

  await bob.open('/approvals');
  await expect(bob.text(/^in the place of Ines Marchetti/)).toBeVisible();
  await bob.look('inbox-in-place-of');
  await bob.page.locator('main').getByRole('link', { name: /search-prod/ }).click();
  await expect(bob.text(/You decide in the place of/)).toBeVisible();
  await bob.look('approval-in-place-of');
  await bob.field('Reason').fill('The roll-back was tried this morning.');
  await bob.button('Approve').click();
  await bob.button('Approve').click();
  await expect(bob.text(/You approved this/)).toBeVisible();
  await expect(bob.text(/in the place of Ines Marchetti/).first()).toBeVisible();
  expect((await pep.ask(deploy)).decision).toBe(true);

  await ines.open(approval);
  await expect(ines.text(/in the place of Ines Marchetti/).first()).toBeVisible();
  await ines.open(PATH);
  await ines.button('End now').click();
  await expect(ines.page.locator('main').getByText('ended', { exact: true })).toBeVisible();
  await expect(ines.button('End now')).toHaveCount(0);
});

test('one that is over lends nothing, and nobody ends another’s', async ({ pep, signedIn }) => {
  const ines = await signedIn(people.ines);
  const lent = await ines.post(PATH, [
    ['intent', 'make'],
    ['to', people.bob.sub],
    ['ends_at', inDays(1)],
    ['reason', 'On leave.'],
  ]);
  expect(lent.status).toBe(303);
  await ines.open(PATH);
  const id = await ines.page.locator('input[name="id"]').inputValue();
  const dana = await signedIn(people.dana);
  expect((await dana.post(PATH, [['intent', 'end'], ['id', id]])).status).toBe(404);
  const ended = await ines.post(PATH, [['intent', 'end'], ['id', id]]);
  expect(ended.status).toBe(303);
  expect((await ines.post(PATH, [['intent', 'end'], ['id', id]])).status).toBe(409);

  const task = await pep.file(deploy);
  const bob = await signedIn(people.bob);
  const vote = await bob.post(`/approvals/${task.task.id}`, [['intent', 'approve']]);
  expect(vote.status).toBe(403);
  const jonas = await signedIn(people.jonas);
  const none = await jonas.post(PATH, [
    ['intent', 'make'],
    ['to', people.bob.sub],
    ['ends_at', inDays(1)],
    ['reason', 'I have none to lend.'],
  ]);
  expect(none.status).toBe(403);
});
