import { freePort } from '../support/machine.ts';
import { mailOf, people } from '../support/people.ts';
import { deploy } from '../support/pep.ts';
import { MailServer, Receiver } from '../support/receivers.ts';
import { expect, test as base } from '../support/test.ts';
import { approvesCritical } from '../support/voting.ts';
import type { Visitor } from '../support/visitor.ts';

const production = deploy('payments-prod');

interface Fixtures {
  mailPort: number;
  mail: MailServer;
  receiver: Receiver;
}

const test = base.extend<Fixtures>({
  mailPort: async ({}, use) => use(await freePort()),
  settings: async ({ mailPort }, use) =>
    use(`[mail]
url = "smtp://127.0.0.1:${mailPort}"
from = "Spillway <spillway@example.com>"

[outgoing]
allow = ["127.0.0.0/8"]
`),
  mail: async ({ mailPort }, use) => {
    const server = await MailServer.start(mailPort);
    await use(server);
    await server.stop();
  },
  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
  },
});

/** Registers a webhook, and tells its receiver the secret. */
async function registers(petra: Visitor, receiver: Receiver, name = 'Ours'): Promise<void> {
  await petra.open('/settings/endpoints');
  await petra.field('Name').fill(name);
  await petra.field('Address').fill(receiver.url);
  await petra.button('Register endpoint').click();
  await petra.button('Show secret').click();
  const secret = petra.page.locator('main').getByText(/^whsec_/);
  await expect(secret).toBeVisible();
  receiver.secret = (await secret.textContent()) ?? '';
}

async function approves(bob: Visitor, id: string): Promise<void> {
  await approvesCritical(bob, people.bob, `/approvals/${id}`, 'CHG-9031 is approved.');
}

const types = (receiver: Receiver) => receiver.kept.map(({ type }) => type).sort();

test('mail goes to who is asked, and to nobody who did it', async ({ pep, signedIn, mail }) => {
  const bob = await signedIn(people.bob);
  await pep.file(production);
  await expect.poll(() => mail.mails.length).toBe(1);
  const [first] = mail.mails;
  expect(first?.to).toEqual([mailOf(people.bob.sub)]);
  expect(first?.from).toBe('spillway@example.com');
  expect(first?.text).toMatch(/^Subject: \[Spillway\].*payments-prod/m);
  expect(first?.text).toMatch(/^Message-ID: <dlv_/m);
  expect(first?.text).toMatch(/^Auto-Submitted: auto-generated/m);

  const jonas = await signedIn(people.jonas);
  await jonas.open('/settings/notices');
  await expect(jonas.text(`Mail goes to ${mailOf(people.jonas.sub)}.`)).toBeVisible();
  const task = await pep.file(deploy('payments-prod', { commit: '4f1c' }));
  await approves(bob, task.task.id);
  const mailsTo = (sub: string) => mail.mails.filter(({ to }) => to.includes(mailOf(sub))).length;
  await expect.poll(() => [mailsTo(people.jonas.sub), mailsTo(people.bob.sub)]).toEqual([1, 2]);
});

test('a webhook is signed, and tried again until its receiver takes it', async ({ pep, signedIn, receiver }) => {
  const petra = await signedIn(people.petra);
  await registers(petra, receiver);
  receiver.manners = [500, 307];
  const task = await pep.file(production);
  await expect.poll(() => receiver.calls.length).toBe(2);
  await petra.open('/settings/deliveries');
  await expect(petra.heading('Tried again')).toBeVisible();
  await expect(petra.text('It answered 500.')).toBeVisible();
  await expect(petra.text(/redirects are not followed/)).toBeVisible();
  await petra.look('deliveries');
  // Five seconds later, by the schedule.
  await expect.poll(() => receiver.calls.length, { timeout: 30_000 }).toBe(4);
  expect(types(receiver)).toEqual(['access_request.requested', 'access_request.stage_reached']);
  for (const call of receiver.calls) {
    expect(call.verified, 'the official verifier accepts it').toBe(true);
    expect(call.data.id).toBe(task.task.id);
  }
  await petra.page.reload();
  await expect(petra.text('Everything has arrived')).toBeVisible();
});

test('an endpoint that is gone is disabled, told of, taken into use again, and what was lost is sent', async ({ pep, signedIn, receiver }) => {
  const petra = await signedIn(people.petra);
  await registers(petra, receiver);
  receiver.manners = [410, 410];
  await pep.file(production);
  await expect.poll(() => receiver.calls.length).toBeGreaterThan(0);
  await expect
    .poll(async () => {
      await petra.open('/settings/endpoints');
      return petra.text('disabled').count();
    })
    .toBe(1);
  await petra.open('/settings/deliveries');
  await expect(petra.heading('Given up')).toBeVisible();
  await petra.look('deliveries-dead');
  await petra.button(/^Send again/).first().click();
  await expect(petra.text(/Its endpoint is disabled/)).toBeVisible();
  const calls = receiver.calls.length;
  await pep.file(deploy('payments-prod', { commit: '4f1c' }));
  await petra.open('/notices');
  // Its middle may lie beside its text, which breaks into lines.
  await petra.link(/“Ours” answered that it is gone/).click({ position: { x: 4, y: 4 } });
  expect(receiver.calls).toHaveLength(calls);
  await petra.look('endpoint-gone');
  await petra.button('Take into use again').click();
  await expect(petra.text('in use')).toBeVisible();
  await petra.open('/settings/deliveries');
  await petra.button('Send all again: Ours').click();
  await expect(petra.heading('Given up')).toBeHidden();
  await expect.poll(() => receiver.calls.length).toBe(calls + 2);
  expect(receiver.kept).toHaveLength(2);
  expect(receiver.calls.every(({ verified }) => verified)).toBe(true);
});

test('killed between approval and notice: it goes out afterwards, and once', async ({
  pep,
  signedIn,
  receiver,
  mail,
  spillway,
  database,
}) => {
  const petra = await signedIn(people.petra);
  await registers(petra, receiver);
  const bob = await signedIn(people.bob);
  // Who answers for the pipeline.
  await signedIn(people.jonas);
  const task = await pep.file(production);
  await expect.poll(() => receiver.calls.length).toBe(2);
  await expect.poll(() => mail.mails.length).toBe(1);
  // It sends the notice and dies before it hears that it has arrived.
  receiver.manners = ['hang'];
  await approves(bob, task.task.id);
  await expect.poll(() => receiver.calls.length).toBe(3);
  await bob.open('about:blank');
  await spillway.stop('SIGKILL');
  expect(await database.column(`SELECT state FROM access_requests`)).toEqual(['approved']);
  receiver.manners = [];
  await spillway.begin();
  // What the dead process had taken is free again after a minute.
  await expect
    .poll(() => database.column(`SELECT count(*) FROM deliveries WHERE state <> 'delivered'`), { timeout: 100_000 })
    .toEqual(['0']);
  expect(types(receiver)).toEqual([
    'access_request.approved',
    'access_request.requested',
    'access_request.stage_reached',
  ]);
  const approved = receiver.calls.filter(({ type }) => type === 'access_request.approved');
  expect(approved).toHaveLength(2);
  expect(new Set(approved.map(({ id }) => id)).size).toBe(1);
  // A mailbox that honours the id keeps one, whether it was killed before its mail was noted or after.
  const mails = mail.mails.filter(({ to }) => to.includes(mailOf(people.jonas.sub)));
  const ids = new Set(mails.map(({ text }) => /^Message-ID: (.*)$/m.exec(text)?.[1]));
  expect(ids.size).toBe(1);
  expect((await pep.status(task)).task.status).toBe('approved');
  await spillway.verify();
});
