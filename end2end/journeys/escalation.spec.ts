import { people } from '../support/people.ts';
import type { Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';

/** A contractor's deployment to production: the owners of Search decide, after four hours Platform's too. */
const deploy: Question = {
  subject: { type: 'person', id: 'liam.byrne' },
  action: { name: 'deploy' },
  resource: { type: 'service', id: 'search-prod' },
};

test('after four hours of silence the next list is asked too, and nothing is approved by itself', async ({
  database,
  pep,
  signedIn,
}) => {
  const task = await pep.file(deploy);
  const approval = `/approvals/${task.task.id}`;
  const ines = await signedIn(people.ines);
  await ines.open(approval);
  await expect(ines.text(/Unless somebody votes, asked too is/)).toBeVisible();
  await ines.look('approval-escalates');
  const dana = await signedIn(people.dana);
  expect((await dana.post(approval, [['intent', 'approve']])).status).toBe(403);

  // Four hours pass.
  await database.column(`UPDATE access_requests SET requested_at = requested_at - interval '4 hours'`);
  await database.column(`UPDATE escalations SET due_at = due_at - interval '4 hours'`);
  await expect
    .poll(() => database.column(`SELECT kind FROM notices WHERE person_id = '${people.dana.sub}'`), { timeout: 20_000 })
    .toContain('escalated');
  expect((await pep.ask(deploy)).decision, 'silence approves nothing').toBe(false);
  await dana.open('/notices');
  await expect(dana.link(/Nobody has decided on/)).toBeVisible();
  await dana.open('/approvals');
  await dana.page.locator('main').getByRole('link', { name: /search-prod/ }).click();
  await expect(dana.text(/Nobody voted for long: asked too is/)).toBeVisible();
  await dana.look('approval-escalated');
  await dana.button('Approve').click();
  await dana.button('Approve').click();
  await expect(dana.text(/You approved this/)).toBeVisible();
  expect((await pep.ask(deploy)).decision).toBe(true);

  await ines.open(`/requests/${task.task.id}`);
  await expect(ines.text(/asked further people, since nobody voted for long/)).toBeVisible();
});
