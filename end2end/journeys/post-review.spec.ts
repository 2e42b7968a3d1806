import { people } from '../support/people.ts';
import type { Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';

const reading: Question = {
  subject: { type: 'workload', id: 'job/nightly-export' },
  action: { name: 'read' },
  resource: { type: 'database', id: 'ledger-db' },
};

test('an opt-out that has ended is looked at, where its tier wants that, beside what was really done', async ({
  pep,
  signedIn,
}) => {
  const alice = await signedIn(people.alice);
  const asked = await alice.post('/opt-outs/request', [
    ['scenario', 'false-positive'],
    ['direction', 'bypass'],
    ['title', 'Nightly export without a ticket'],
    ['scope.principals', 'workload job/nightly-export'],
    ['scope.resources', 'database ledger-db'],
    ['scope.capabilities', 'read'],
    ['scope.rules', 'read-needs-ticket'],
    ['reason', 'The nightly export has a standing ticket that the gateway cannot send; OPS-77 mends it.'],
    ['length_secs', '14400'],
    ['intent', 'send'],
  ]);
  expect(asked.status, asked.text.slice(0, 2000)).toBe(303);
  const path = asked.location;
  const ines = await signedIn(people.ines);
  const omar = await signedIn(people.omar);
  for (const approver of [ines, omar]) {
    const { status } = await approver.post(path, [
      ['reason', 'Agreed with the team.'],
      ['intent', 'approve'],
    ]);
    expect(status).toBe(303);
  }
  await pep.report(await pep.ask(reading), 'enforced');
  await pep.report(await pep.ask(reading), 'denied', 'The replica was away.');
  await pep.ask(reading);
  const ended = await alice.post(path, [
    ['reason', 'OPS-77 is done.'],
    ['intent', 'revoke'],
  ]);
  expect(ended.status, ended.text.slice(0, 2000)).toBe(303);

  await omar.open('/approvals');
  await omar.link(/Post-review: Nightly export without a ticket/).click();
  await expect(omar.heading('Your conclusion')).toBeVisible();
  await expect(omar.text(/3, of which 3 would have come out otherwise/)).toBeVisible();
  await expect(omar.text('1 as answered, 1 refused at the gate although allowed, 1 that nobody reported')).toBeVisible();
  await omar.look('post-opt-out-review');
  await omar.page.getByRole('radio', { name: /^Justified/ }).check();
  await omar.field('Why').fill('The ticket is sent by now.');
  await omar.button('Conclude').click();
  await expect(omar.heading('Concluded')).toBeVisible();
  await alice.open('/notices');
  await expect(alice.link(/Omar Haddad concluded the post-review/)).toBeVisible();
});
