import { freePort } from '../support/machine.ts';
import { mailOf, people } from '../support/people.ts';
import { MailServer } from '../support/receivers.ts';
import { expect, test as base } from '../support/test.ts';

const test = base.extend<{ mailPort: number }>({
  mailPort: async ({}, use) => use(await freePort()),
  settings: async ({ mailPort }, use) =>
    use(`[mail]
url = "smtp://127.0.0.1:${mailPort}"
from = "Spillway <spillway@example.com>"
`),
});

test('who was skipped gets mail at once although they want none, and what has not arrived is shown', async ({
  mailPort,
  signedIn,
}) => {
  const bob = await signedIn(people.bob);
  const off = await bob.post('/settings/notices', [
    ['mail', 'off'],
    ['digest_at', '08:00'],
    ['quiet_from', ''],
    ['quiet_until', ''],
    ['zone', 'Europe/Berlin'],
    ['intent', 'save'],
  ]);
  expect(off.status, off.text.slice(0, 2000)).toBe(303);
  const jonas = await signedIn(people.jonas);
  const broken = await jonas.post('/opt-outs/break-glass', [
    ['way', 'rule'],
    ['resource', 'service payments-prod'],
    ['confirmation', 'payments-prod'],
    ['principal', 'person jonas.weber'],
    ['capability', 'admin'],
    ['rules', 'admin-needs-a-person'],
    ['incident', 'INC-4471'],
    ['reason', 'Card payments fail everywhere since 02:10.'],
    ['length_secs', '3600'],
    ['intent', 'break'],
  ]);
  expect(broken.status, broken.text.slice(0, 2000)).toBe(303);
  // The mail server is down.
  const told = jonas.panel('Told');
  await expect
    .poll(async () => {
      await jonas.open(broken.location);
      return told.textContent();
    })
    .toContain('mail not delivered, tried again');
  await expect(told.getByRole('listitem').first()).toContainText('Bob Okafor');

  // It is up again before the next attempt, five seconds after the first.
  const mail = await MailServer.start(mailPort);
  try {
    await expect.poll(() => mail.mails.length, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(mail.mails[0]?.to).toEqual([mailOf(people.bob.sub)]);
    expect(mail.mails[0]?.text).toMatch(/broke the glass/);
    await expect
      .poll(async () => {
        await jonas.open(broken.location);
        return told.textContent();
      })
      .toContain('mail delivered');
    await jonas.look('break-glass-told');
  } finally {
    await mail.stop();
  }
});
