import { people } from '../support/people.ts';
import type { Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** Jonas is on call, and administering production needs a person. */
const administer: Question = {
  subject: { type: 'person', id: 'jonas.weber' },
  action: { name: 'admin' },
  resource: { type: 'service', id: 'payments-prod' },
};
const WHY = 'Card payments fail everywhere since 02:10, the payment scheme is down to one node.';

const PATH = '/opt-outs/break-glass';

/** What Jonas types. */
async function fill(jonas: Visitor): Promise<void> {
  await jonas.open(PATH);
  await jonas.link(/^Out of a rule/).click();
  await jonas.field(/^On what/).fill('service payments-prod');
  await jonas.field(/^Its name, once more/).fill('payments-prod');
  await jonas.field(/^To do what/).fill('admin');
  await jonas.field(/^admin-needs-a-person/).check();
  await jonas.field(/^Incident/).fill('INC-4471');
  await jonas.field(/^Reason/).fill(WHY);
}

test('an emergency: in force at once, told to those who were skipped, reviewed by another', async ({ pep, signedIn }) => {
  const denied = await pep.ask(administer);
  expect(denied).toMatchObject({ decision: false, context: { outcome: 'review' } });

  const jonas = await signedIn(people.jonas);
  await jonas.open(`/audit/decisions/${denied.context.evaluation_id}`);
  await jonas.page.locator('main').getByRole('link', { name: 'Break glass' }).click();
  await expect(jonas.heading('Break glass')).toBeVisible();
  await jonas.link(/^Out of a rule/).click();
  await expect(jonas.field(/^On what/)).toHaveValue('service payments-prod');
  await expect(jonas.field(/^admin-needs-a-person/)).toBeChecked();
  await jonas.look('break-glass-form');

  await jonas.field(/^Its name, once more/).fill('payments');
  await jonas.field(/^Incident/).fill('INC-4471');
  await jonas.field(/^Reason/).fill(WHY);
  await jonas.button('Break the glass').click();
  await expect(jonas.field(/^Its name, once more/)).toHaveAttribute('aria-invalid', 'true');
  await expect(jonas.field(/^Reason/), 'what was typed is kept').toHaveValue(WHY);
  await jonas.look('break-glass-refused');

  await jonas.field(/^Its name, once more/).fill('payments-prod');
  await jonas.button('Check').click();
  await expect(jonas.heading('What will happen')).toBeVisible();
  await expect(jonas.text('It takes effect at once. Nothing has been sent yet.')).toBeVisible();
  await expect(jonas.text(/Bob Okafor/).first(), 'who is skipped').toBeVisible();
  await jonas.look('break-glass-check');
  expect((await pep.ask(administer)).decision, 'not yet').toBe(false);

  await jonas.button('Break the glass').click();
  await expect(jonas.page).toHaveURL(/\/opt-outs\/opt_/);
  const broken = new URL(jonas.page.url()).pathname;
  await expect(jonas.text(/Not asked: .*Bob Okafor/)).toBeVisible();
  const after = await pep.ask(administer);
  expect(after).toMatchObject({ decision: true, context: { outcome: 'automate', base_outcome: 'review' } });
  await pep.report(after, 'denied', 'The console had lost its connection.');
  await jonas.page.reload();
  await expect(jonas.heading('Told')).toBeVisible();
  await expect(jonas.text('on the pages alone: no mail goes to them').first()).toBeVisible();
  await expect(
    jonas.page.getByRole('table', { name: /applied/ }),
    'what the gate did stands beside what was allowed',
  ).toContainText('refused at the gate');
  await jonas.look('break-glass-in-force');
  await jonas.page.locator('main').getByRole('link', { name: 'Open', exact: true }).click();
  await expect(jonas.heading(/^Post-review: Break-glass, INC-4471/)).toBeVisible();
  await expect(jonas.button('Conclude'), 'never one’s own').toHaveCount(0);
  const review = new URL(jonas.page.url()).pathname;
  const forged = await jonas.post(review, [
    ['intent', 'conclude'],
    ['finding', 'justified'],
    ['note', 'I would say so.'],
  ]);
  expect(forged.status).toBe(403);

  const bob = await signedIn(people.bob);
  await bob.open('/');
  await expect(bob.text(/You would have decided it/)).toBeVisible();
  await bob.look('break-glass-home');
  await bob.open('/notices');
  await expect(bob.link(/Jonas Weber broke the glass: “Break-glass, INC-4471”/)).toBeVisible();
  await expect(bob.link(/A post-review of “Break-glass, INC-4471” is owed/)).toBeVisible();
  await bob.open(review);
  await expect(bob.text(/It is not over yet/)).toBeVisible();
  await expect(bob.button('Conclude')).toHaveCount(0);
  await bob.look('post-review-not-over');
  const ended = await jonas.post(broken, [
    ['reason', 'The second node is up.'],
    ['intent', 'revoke'],
  ]);
  expect(ended.status).toBe(303);
  expect((await pep.ask(administer)).decision).toBe(false);
  await bob.open('/');
  await expect(bob.text(/You would have decided it/), 'nobody has looked at it').toBeVisible();
  await bob.open('/approvals');
  await bob.page.locator('main').getByRole('link', { name: /Post-review: Break-glass/ }).click();
  await expect(bob.heading('Your conclusion')).toBeVisible();
  await expect(bob.text(/1, of which 1 would have come out otherwise/)).toBeVisible();
  await expect(bob.text('1 refused at the gate although allowed')).toBeVisible();
  await bob.look('post-review');
  await bob.button('Conclude').click();
  await expect(bob.text('Choose what you found.').first()).toBeVisible();
  await bob.page.getByRole('radio', { name: /^Follow-up/ }).check();
  await bob.field('Why').fill('Right to do. The second node needs a runbook.');
  await bob.button('Conclude').click();
  await expect(bob.heading('Concluded')).toBeVisible();
  await bob.look('post-review-concluded');
  await bob.open('/');
  await expect(bob.text(/You would have decided it/)).toHaveCount(0);
});

test('an older sign-in is not enough, and what was typed comes back with the new one', async ({
  database,
  pep,
  signedIn,
}) => {
  const jonas = await signedIn(people.jonas);
  await fill(jonas);
  // Six minutes pass.
  await database.column(
    `UPDATE sessions SET claims = jsonb_set(claims, '{auth_time}', to_jsonb(now() - interval '6 minutes'))
     WHERE claims IS NOT NULL`,
  );
  await jonas.button('Break the glass').click();
  await jonas.choose(people.jonas);
  await expect(jonas.text(/You have signed in again. What you typed is below/)).toBeVisible();
  await expect(jonas.field(/^Reason/)).toHaveValue(WHY);
  await expect(jonas.field(/^Its name, once more/)).toHaveValue('payments-prod');
  await expect(jonas.field(/^admin-needs-a-person/)).toBeChecked();
  await jonas.look('break-glass-signed-in-again');
  expect((await pep.ask(administer)).decision, 'nothing was sent').toBe(false);
  await jonas.button('Break the glass').click();
  await expect(jonas.page).toHaveURL(/\/opt-outs\/opt_/);
  expect((await pep.ask(administer)).decision).toBe(true);
});

test('an overdue review leaves 15 minutes, and goes a level up', async ({ database, signedIn }) => {
  const jonas = await signedIn(people.jonas);
  await fill(jonas);
  await jonas.button('Break the glass').click();
  await expect(jonas.page).toHaveURL(/\/opt-outs\/opt_/);
  const first = new URL(jonas.page.url()).pathname;
  const ended = await jonas.post(first, [
    ['reason', 'The second node is up.'],
    ['intent', 'revoke'],
  ]);
  expect(ended.status).toBe(303);
  const omar = await signedIn(people.omar);
  await omar.open('/approvals');
  await expect(omar.link(/Post-review: Break-glass/), 'the owners are asked first').toHaveCount(0);
  // Three days pass.
  await database.column(
    `ALTER TABLE post_reviews DISABLE TRIGGER post_reviews_terminal_state_stays;
     UPDATE post_reviews SET owed_at = owed_at - interval '73 hours', due_at = due_at - interval '73 hours';
     ALTER TABLE post_reviews ENABLE TRIGGER post_reviews_terminal_state_stays`,
  );
  await fill(jonas);
  await expect(jonas.text(/At most 15 minutes: a post-review of Payments is overdue/)).toBeVisible();
  await jonas.button('Check').click();
  await expect(jonas.heading('What will happen')).toBeVisible();
  await expect(jonas.panel('What will happen')).toContainText('15 min');
  await jonas.look('break-glass-overdue');
  await jonas.button('Break the glass').click();
  await expect(jonas.page).toHaveURL(/\/opt-outs\/opt_/);
  const [seconds] = await database.column(
    `SELECT extract(epoch FROM ends_at - starts_at)::integer FROM opt_outs ORDER BY id DESC LIMIT 1`,
  );
  expect(seconds).toBe('900');
  await omar.open('/approvals');
  await omar.link(/Post-review: Break-glass/).first().click();
  await expect(omar.heading('Your conclusion')).toBeVisible();
  await expect(omar.text('overdue').first()).toBeVisible();
  await omar.look('post-review-overdue');
});

test('it takes a role of its own', async ({ signedIn }) => {
  for (const person of [people.bob, people.petra]) {
    const visitor = await signedIn(person);
    await visitor.open('/opt-outs');
    await expect(visitor.link('Break glass')).toHaveCount(0);
    expect(await visitor.open('/opt-outs/break-glass')).toBe(403);
    await visitor.look('break-glass-forbidden');
  }
});
