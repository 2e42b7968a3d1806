import { people } from '../support/people.ts';
import { deploy } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import { approvesCritical, signsInAfresh } from '../support/voting.ts';

const production = deploy('payments-prod');
const WHY = 'Release 4.12.0: fix for duplicate refunds, CHG-9031';

test('a pipeline asks, the owner approves, and it may until somebody ends it', async ({ pep, signedIn }) => {
  const task = await pep.file(production, { reason: WHY });
  const bob = await signedIn(people.bob);
  await expect(bob.heading('One thing waits for you')).toBeVisible();
  await bob.look('home-waiting');

  await bob.open('/approvals');
  await bob.look('inbox');
  await bob.page.locator('main').getByRole('link', { name: /payments/i }).click();
  await expect(bob.page).toHaveURL(task.task.links.review);
  await expect(bob.heading('What you are asked to allow')).toBeVisible();
  for (const told of ['ci/payments', 'ci-gateway', WHY, 'no-unattended-prod-deploy']) {
    await expect(bob.text(told).first()).toBeVisible();
  }
  await bob.look('approval');

  await bob.field('Reason').fill('CHG-9031 is approved, and the on-call knows.');
  await bob.button('Approve').click();
  await expect(bob.heading('Approve this request?')).toBeVisible();
  await expect(bob.text('CHG-9031 is approved, and the on-call knows.')).toBeVisible();
  await bob.look('approval-confirm');
  await bob.button('Approve').click();
  await signsInAfresh(bob, people.bob);
  await expect(bob.text('CHG-9031 is approved, and the on-call knows.')).toBeVisible();
  await bob.button('Approve').click();
  await expect(bob.text(/You approved this/)).toBeVisible();
  await bob.look('approval-done');

  const approved = await pep.status(task);
  expect(approved.task.status).toBe('approved');
  const grant = approved.result?.approval.id ?? '';
  const granted = await pep.ask(production);
  expect(granted).toMatchObject({ decision: true, context: { outcome: 'review', approval: { id: grant } } });
  const named = await pep.ask({ ...production, context: { approval: { id: grant } } });
  expect(named.decision).toBe(true);
  const other = await pep.ask({ ...production, context: { approval: { id: 'grt_00000000000000000000000000' } } });
  expect(other.decision, 'where one is named, only that one counts').toBe(false);

  await bob.open(`/requests/${task.task.id}`);
  await bob.look('request-granted');
  await bob.button('End it now').click();
  await expect(bob.heading('End this access now?')).toBeVisible();
  await bob.field('Reason').fill('The release is out.');
  await bob.look('grant-confirm-end');
  await bob.button('End it now').click();
  await expect(bob.text('Ended').first()).toBeVisible();
  expect(await pep.ask(production)).toMatchObject({ decision: false, context: { outcome: 'review' } });
  expect((await pep.ask({ ...production, context: { approval: { id: grant } } })).decision).toBe(false);
});

test('a grant ends by itself', async ({ pep, signedIn }) => {
  const bob = await signedIn(people.bob);
  const task = await pep.file(production, { until: new Date(Date.now() + 6_000) });
  await approvesCritical(bob, people.bob, `/approvals/${task.task.id}`);
  await expect(bob.text(/You approved this/)).toBeVisible();
  const { result } = await pep.status(task);
  const until = Date.parse(result?.approval.approved_until ?? '');
  await expect.poll(async () => (await pep.ask(production)).decision, { timeout: 20_000 }).toBe(false);
  const after = await pep.ask(production);
  expect(Date.parse(after.context.evaluated_at)).toBeGreaterThanOrEqual(until);
});

test('a denial needs a reason, and is the end of it', async ({ pep, signedIn }) => {
  const task = await pep.file(production);
  const bob = await signedIn(people.bob);
  await bob.open(`/approvals/${task.task.id}`);
  await bob.button('Deny').click();
  const reason = bob.field('Reason');
  await expect(reason).toHaveAttribute('aria-invalid', 'true');
  await expect(reason).toHaveAccessibleDescription(/Say why/);
  await expect(bob.page.getByRole('alert')).toContainText('Say why');
  await bob.look('approval-deny-refused');

  await reason.fill('Not without a change record.\nSee <b>CHG</b> & "ask".');
  await bob.button('Deny').click();
  await expect(bob.heading('Deny this request?')).toBeVisible();
  await bob.button('Deny').click();
  await signsInAfresh(bob, people.bob);
  await bob.button('Deny').click();
  await expect(bob.text(/You denied this/)).toBeVisible();
  expect((await pep.status(task)).task.status).toBe('denied');
  expect((await pep.ask(production)).decision).toBe(false);
});

test('only those who are asked decide', async ({ pep, signedIn }) => {
  const task = await pep.file(production);
  const path = `/approvals/${task.task.id}`;
  // The pipeline's owner is excluded, the administrator is not asked, the auditor only reads.
  for (const person of [people.jonas, people.petra, people.aya]) {
    const visitor = await signedIn(person);
    const forged = await visitor.post(path, [
      ['intent', 'approve'],
      ['reason', 'I say so myself, and that is enough.'],
    ]);
    expect([403, 404], `${person.name}: ${forged.status}`).toContain(forged.status);
    const status = await visitor.open(path);
    if (status === 200) {
      await expect(visitor.heading('Not yours to decide')).toBeVisible();
      await visitor.look(`approval-of-others-${person.sub}`);
    } else {
      expect(status).toBe(404);
    }
  }
  expect((await pep.status(task)).task.status).toBe('pending');
});
