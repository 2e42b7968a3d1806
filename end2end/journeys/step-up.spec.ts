import { people } from '../support/people.ts';
import { deploy } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import { signsInAfresh } from '../support/voting.ts';

const production = deploy('payments-prod');
const REASON = 'CHG-9031 is approved, and the on-call knows.';

test('a vote on what is critical takes a fresh sign-in, by the means that are wanted', async ({
  database,
  pep,
  signedIn,
}) => {
  const task = await pep.file(production);
  const bob = await signedIn(people.bob);
  const votes = () => database.column('SELECT count(*) FROM votes');
  await bob.open(`/approvals/${task.task.id}`);
  await bob.field('Reason').fill(REASON);
  await bob.button('Approve').click();
  await expect(bob.heading('Approve this request?')).toBeVisible();
  await expect(bob.text(/takes a fresh sign-in of its own/)).toBeVisible();
  await bob.page.getByText('What your vote is bound to').click();
  await expect(bob.text('1 of group payments-owners')).toBeVisible();
  await bob.look('step-up-asked');

  await bob.button('Approve').click();
  await expect(bob.heading('Who are you?')).toBeVisible();
  await bob.button('Cancel').click();
  await expect(bob.page.getByRole('alert')).toContainText('You did not sign in again. Nothing was recorded');
  await expect(bob.text(REASON), 'what was typed is kept').toBeVisible();
  await bob.look('step-up-declined');

  await bob.button('Approve').click();
  await bob.button(`${people.bob.name}, without a key`).click();
  await expect(bob.page.getByRole('alert')).toContainText('by the means that this vote takes');
  await bob.look('step-up-too-weak');
  expect(await votes(), 'nothing was recorded').toEqual(['0']);

  await bob.button('Approve').click();
  await signsInAfresh(bob, people.bob);
  await expect(bob.text(REASON)).toBeVisible();
  await bob.look('step-up-proved');
  expect(await votes(), 'coming back is no vote').toEqual(['0']);
  expect((await pep.ask(production)).decision).toBe(false);
  await bob.button('Approve').click();
  await expect(bob.text(/You approved this/)).toBeVisible();
  expect((await pep.ask(production)).decision).toBe(true);
  expect(await database.column('SELECT acr FROM votes')).toEqual(['urn:example:key']);

  const aya = await signedIn(people.aya);
  await aya.open(`/audit?object=${task.task.id}`);
  const voted = aya.page.getByRole('table', { name: 'Events' }).getByRole('row', { name: /approved stage 1/ });
  await voted.getByRole('link', { name: /^evt_/ }).click();
  await expect(aya.text(/signed in afresh at .*acr urn:example:key/)).toBeVisible();
  await aya.look('step-up-audit');
});

test('somebody else’s sign-in proves nothing and takes nobody’s session', async ({ database, pep, signedIn }) => {
  const task = await pep.file(production);
  const bob = await signedIn(people.bob);
  await bob.open(`/approvals/${task.task.id}`);
  await bob.button('Approve').click();
  await bob.button('Approve').click();
  await bob.choose(people.omar);
  // This provider then ends the session of who was there before, and says so behind the browser's back.
  if (!bob.hasScript) await bob.button('Continue').click();
  await expect(bob.page.getByRole('alert')).toContainText('took too long or was begun in another browser');
  await bob.open('/');
  await expect(bob.page, 'nobody is signed in, Omar neither').toHaveURL(/\/sign-in/);
  expect(await database.column('SELECT count(*) FROM votes')).toEqual(['0']);
  expect(await database.column('SELECT count(*) FROM step_ups WHERE proved_at IS NOT NULL')).toEqual(['0']);
});

test('what has changed meanwhile is shown, and takes another sign-in', async ({ database, pep, signedIn }) => {
  const task = await pep.file(production);
  const bob = await signedIn(people.bob);
  await bob.open(`/approvals/${task.task.id}`);
  await bob.field('Reason').fill(REASON);
  await bob.button('Approve').click();
  await bob.button('Approve').click();
  await signsInAfresh(bob, people.bob);
  // What another approver's narrowing does, between his look and his vote.
  await database.column('UPDATE access_requests SET grant_secs = 1800');
  await bob.button('Approve').click();
  await expect(bob.page.getByRole('alert')).toContainText('This has changed since it was shown to you');
  const changed = bob.page.getByRole('table', { name: 'What has changed since it was shown to you' });
  await expect(changed.getByRole('row', { name: /How long/ })).toContainText(/1 hour.*30 minutes/);
  await expect(changed.getByRole('row'), 'that alone').toHaveCount(2);
  await expect(bob.text(REASON)).toBeVisible();
  await bob.look('step-up-changed');
  expect(await database.column('SELECT count(*) FROM votes')).toEqual(['0']);

  await bob.button('Approve').click();
  await signsInAfresh(bob, people.bob);
  await bob.button('Approve').click();
  await expect(bob.text(/You approved this/)).toBeVisible();
  const [seconds] = await database.column('SELECT extract(epoch FROM ends_at - starts_at)::integer FROM grants');
  expect(seconds).toBe('1800');
});

test('an opt-out of what is critical is denied with one too', async ({ database, signedIn }) => {
  const alice = await signedIn(people.alice);
  const sent = await alice.post('/opt-outs/request', [
    ['scenario', 'false-positive'],
    ['direction', 'bypass'],
    ['title', 'Payout fix'],
    ['scope.principals', 'workload ci/payments'],
    ['scope.resources', 'service payments-prod'],
    ['scope.rules', 'no-unattended-prod-deploy'],
    ['reason', 'The payout job must go out while the approvers are asleep, see INC-311.'],
    ['length_secs', '14400'],
    ['intent', 'send'],
  ]);
  expect(sent.status, sent.text.slice(0, 2000)).toBe(303);
  const bob = await signedIn(people.bob);
  await bob.open(sent.location);
  await bob.button('Deny').click();
  await expect(bob.heading('Deny this opt-out?')).toBeVisible();
  const confirm = bob.page.locator('#confirm');
  await confirm.getByLabel('Reason').fill('Wake somebody up instead.');
  await bob.look('step-up-deny');
  await confirm.getByRole('button', { name: 'Deny', exact: true }).click();
  await signsInAfresh(bob, people.bob);
  await expect(confirm.getByLabel('Reason'), 'what was typed is kept').toHaveValue('Wake somebody up instead.');
  await bob.look('step-up-deny-proved');
  await confirm.getByRole('button', { name: 'Deny', exact: true }).click();
  await expect(bob.text('Wake somebody up instead.').first()).toBeVisible();
  expect(await database.column('SELECT state FROM opt_outs')).toEqual(['rejected']);
  expect(await database.column('SELECT verdict FROM votes WHERE step_up_id IS NOT NULL')).toEqual(['deny']);
});
