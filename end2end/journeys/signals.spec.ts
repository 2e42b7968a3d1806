import { prepared } from '../support/installation.ts';
import { people } from '../support/people.ts';
import { Pep, type Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';

const reading: Question = {
  subject: { type: 'person', id: 'alice.meyer' },
  action: { name: 'read' },
  resource: { type: 'database', id: 'warehouse' },
};

test('a monitoring tool takes somebody out of the automation, and a person confirms it', async ({
  pep,
  signedIn,
  spillway,
}) => {
  const monitor = new Pep(spillway.url, prepared().tokens['endpoint-monitor']);
  const says = (risk: 'HIGH' | 'LOW') =>
    monitor.post<{ outcome: string; opt_outs: string[] }>('/api/v1/signals', {
      risk,
      subject: reading.subject,
      id: 'EM-1',
      reason: 'Impossible travel: Berlin and Lima within an hour.',
      expires_at: new Date(Date.now() + 4 * 3_600_000).toISOString(),
    });
  expect((await pep.ask(reading)).decision).toBe(true);
  const opened = await says('HIGH');
  expect(opened.status, JSON.stringify(opened.body)).toBe(201);
  expect(await pep.ask(reading)).toMatchObject({ decision: false, context: { outcome: 'review' } });
  const path = `/opt-outs/${opened.body.opt_outs[0]}`;

  const alice = await signedIn(people.alice);
  await alice.open('/notices');
  await expect(alice.link(/endpoint-monitor signalled/)).toBeVisible();
  await alice.open(path);
  await expect(alice.text('endpoint-monitor, by a signal').first()).toBeVisible();
  await expect(alice.button('Confirm')).toHaveCount(0);
  await expect(alice.button('Revoke now')).toHaveCount(0);
  await alice.look('signal-covered');
  expect((await alice.post(path, [['intent', 'confirm_signal']])).status, 'never one’s own').toBe(403);

  const omar = await signedIn(people.omar);
  await omar.open('/approvals');
  await omar.link(/Signal: Alice Meyer/).first().click();
  await expect(omar.page).toHaveURL(new RegExp(`${path}$`));
  await omar.look('signal');
  await omar.button('Confirm').click();
  await expect(omar.text(/confirmed the signal/).first()).toBeVisible();
  await expect(omar.button('Confirm')).toHaveCount(0);
  await omar.open('/approvals');
  await expect(omar.link(/Signal: Alice Meyer/)).toHaveCount(0);

  expect((await says('LOW')).body).toMatchObject({ outcome: 'closed' });
  expect((await pep.ask(reading)).decision).toBe(true);
});

test('an approver lifts a signal from its page, for a reason', async ({ pep, signedIn, spillway }) => {
  const monitor = new Pep(spillway.url, prepared().tokens['endpoint-monitor']);
  const opened = await monitor.post<{ opt_outs: string[] }>('/api/v1/signals', {
    risk: 'HIGH',
    subject: reading.subject,
    id: 'EM-2',
    reason: 'A sign-in from a new device.',
    expires_at: new Date(Date.now() + 4 * 3_600_000).toISOString(),
  });
  expect(opened.status, JSON.stringify(opened.body)).toBe(201);
  expect((await pep.ask(reading)).decision).toBe(false);

  const omar = await signedIn(people.omar);
  await omar.open('/approvals');
  await omar.link(/Signal: Alice Meyer/).first().click();
  await omar.button('Revoke now').click();
  await expect(omar.heading('Revoke this opt-out now?')).toBeVisible();
  await omar.field('Reason').fill('Her new laptop: she called me.');
  await omar.page.locator('#confirm').getByRole('button', { name: 'Revoke now' }).click();
  await expect(omar.text(/Her new laptop: she called me\./).first()).toBeVisible();
  await omar.look('signal-lifted');
  expect((await pep.ask(reading)).decision, 'the normal policy is back').toBe(true);
  await omar.open('/approvals');
  await expect(omar.link(/Signal: Alice Meyer/)).toHaveCount(0);
});
