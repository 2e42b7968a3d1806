import { people } from '../support/people.ts';
import type { Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';

/** Jonas is on call, and administering production needs a person. Each change binds. */
const administer = (commit: string): Question => ({
  subject: { type: 'person', id: 'jonas.weber' },
  action: { name: 'admin' },
  resource: { type: 'service', id: 'payments-prod' },
  context: { commit },
});
const WHY = 'The settlement batch holds the payout table, and one change ends it.';

test('what was refused is opened at once, for just that, told of, and reviewed by another', async ({ pep, signedIn }) => {
  const denied = await pep.ask(administer('b71d09e'));
  expect(denied).toMatchObject({ decision: false, context: { outcome: 'review' } });
  const filed = await pep.request(administer('b71d09e'), denied, { reason: 'Ends the batch by hand, PAY-77.' });
  const jonas = await signedIn(people.jonas);
  await jonas.open(`/requests/${filed.body.task.id}`);
  await jonas.page.locator('main').getByRole('link', { name: 'Break the glass' }).click();
  await expect(jonas.heading('Break glass')).toBeVisible();
  const wish = jonas.page.getByRole('radio', { name: /^Admin on payments-prod for Jonas Weber/ });
  await expect(wish, 'the one that it began with').toBeChecked();
  await expect(jonas.text(/commit b71d09e/).first()).toBeVisible();
  await jonas.look('emergency-access-form');

  await jonas.link(/^Out of a rule/).click();
  await expect(jonas.field(/^On what/)).toHaveValue('service payments-prod');
  await jonas.link(/^Access to what was refused/).click();
  await jonas.field(/^The name of what it is on/).fill('payments');
  await jonas.field(/^Incident/).fill('INC-4466');
  await jonas.field(/^Reason/).fill(WHY);
  await jonas.button('Break the glass').click();
  await expect(jonas.field(/^The name of what it is on/)).toHaveAttribute('aria-invalid', 'true');
  await expect(jonas.field(/^Reason/), 'what was typed is kept').toHaveValue(WHY);
  await expect(wish).toBeChecked();
  await jonas.field(/^The name of what it is on/).fill('payments-prod');
  await jonas.button('Check').click();
  await expect(jonas.heading('What will happen')).toBeVisible();
  await expect(jonas.text('It takes effect at once. Nothing has been sent yet.')).toBeVisible();
  await expect(jonas.panel('What will happen')).toContainText('Bob Okafor');
  await jonas.look('emergency-access-check');
  expect((await pep.ask(administer('b71d09e'))).decision, 'not yet').toBe(false);

  await jonas.button('Break the glass').click();
  await expect(jonas.page).toHaveURL(/\/requests\/req_/);
  const given = new URL(jonas.page.url()).pathname;
  await expect(jonas.text(/Not asked: .*Bob Okafor/)).toBeVisible();
  await expect(jonas.heading('Told')).toBeVisible();
  const after = await pep.ask(administer('b71d09e'));
  expect(after).toMatchObject({ decision: true, context: { outcome: 'review', base_outcome: 'review' } });
  expect((await pep.ask(administer('another'))).decision, 'another change').toBe(false);
  await pep.report(after, 'enforced');
  await jonas.page.reload();
  await jonas.look('emergency-access-in-force');
  await jonas.page.locator('main').getByRole('link', { name: 'Open', exact: true }).click();
  await expect(jonas.heading(/^Post-review: Break-glass, INC-4466/)).toBeVisible();
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
  await expect(bob.text(/Jonas Weber broke the glass in INC-4466/)).toBeVisible();
  await expect(bob.text(/You would have decided it/)).toBeVisible();
  await bob.open('/notices');
  await expect(bob.link(/Jonas Weber broke the glass: “Break-glass, INC-4466: admin on payments-prod/)).toBeVisible();
  await bob.open(review);
  await expect(bob.text(/It is not over yet/)).toBeVisible();

  await jonas.open(given);
  await jonas.button('Give it back').click();
  await jonas.button('Give it back').click();
  await expect(jonas.text(/given back|relinquished/).first()).toBeVisible();
  expect((await pep.ask(administer('b71d09e'))).decision).toBe(false);

  await bob.open('/approvals');
  await bob.page.locator('main').getByRole('link', { name: /Post-review: Break-glass/ }).click();
  await expect(bob.heading('Your conclusion')).toBeVisible();
  await expect(bob.text('1 decision, which would have waited for a person without it')).toBeVisible();
  await expect(bob.text('1 as answered')).toBeVisible();
  await bob.look('emergency-access-review');
  await bob.page.getByRole('radio', { name: /^Justified/ }).check();
  await bob.field('Why').fill('Just that change, and the batch is gone.');
  await bob.button('Conclude').click();
  await expect(bob.heading('Concluded')).toBeVisible();

  await jonas.open('/requests');
  await expect(jonas.text('break-glass').first()).toBeVisible();
  await jonas.look('emergency-access-list');
});

test('what no emergency opens is not offered, and the page says why', async ({ pep, signedIn }) => {
  const jonas = await signedIn(people.jonas);
  await jonas.open('/opt-outs/break-glass');
  await expect(jonas.text('Nothing that was refused to you can be opened')).toBeVisible();
  await jonas.look('emergency-access-empty');
  const denied = await pep.ask({
    subject: { type: 'person', id: 'jonas.weber' },
    action: { name: 'read' },
    resource: { type: 'database', id: 'ledger-db' },
  });
  expect(denied).toMatchObject({ decision: false, context: { outcome: 'review' } });
  await jonas.open(`/opt-outs/break-glass?decision=${denied.context.evaluation_id}`);
  await expect(jonas.text(/That decision cannot be opened. This holds in an emergency too: read-needs-ticket/)).toBeVisible();
  await jonas.look('emergency-access-not-opened');
});
