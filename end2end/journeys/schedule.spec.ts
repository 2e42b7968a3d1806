import { people } from '../support/people.ts';
import { deploy } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const PATH = '/opt-outs/request';
const ZONE = 'Europe/Berlin';
const staging = deploy('payments-staging');
const HOUR = 3_600_000;

/** What clocks in the zone show, part by part. */
function clock(at: number): { day: string; date: string; time: string } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: ZONE,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: parts.weekday ?? '',
    date: `${parts.year}-${parts.month}-${parts.day}`,
    time: `${parts.hour}:${parts.minute}`,
  };
}

/** Fills the form in, but for its times. */
async function fill(visitor: Visitor, title: string): Promise<void> {
  await visitor.open(PATH);
  if (visitor.hasScript) await expect(visitor.button('One more').first()).toBeVisible();
  await visitor.page.getByRole('radio', { name: /^Operational window/ }).check();
  await visitor.page.getByRole('radio', { name: /^To manual/ }).check();
  await visitor.field(/^Which resources/).first().fill('service payments-staging');
  await visitor.field(/^Title/).fill(title);
  await visitor.field(/^Reason/).fill('Database migration by hand until the new schema is proven; see the plan, step 7.');
  await expect(visitor.field(/^Zone/), 'what the reader has set').toHaveValue('UTC');
  await visitor.field(/^Zone/).fill(ZONE);
}

/** Fills the hours of the week in: from one instant to the other, as clocks in the zone show them. */
async function hours(visitor: Visitor, from: number, until: number): Promise<void> {
  await visitor.page.getByText('Only in some hours of the week').click();
  await visitor.page.getByRole('checkbox', { name: clock(from).day, exact: true }).check();
  await visitor.field(/^Hours from/).fill(clock(from).time);
  await visitor.field(/^Hours until/).fill(clock(until).time);
}

/** Sends the form; the opt-out's path. */
async function send(visitor: Visitor): Promise<string> {
  await visitor.button('Send for approval').click();
  await expect(visitor.page).toHaveURL(/\/opt-outs\/opt_/);
  return new URL(visitor.page.url()).pathname;
}

async function approve(visitor: Visitor, path: string): Promise<void> {
  await visitor.open(path);
  await visitor.button('Approve').click();
  await visitor.button('Approve stage 1 of 1').click();
  await expect(visitor.heading('Who decided')).toBeVisible();
}

test('a scheduled start, in the zone of who asks, told with its UTC to all', async ({ pep, signedIn }) => {
  const jonas = await signedIn(people.jonas);
  await fill(jonas, 'Hands on staging, later');
  // Clocks in Berlin go from 02:00 to 03:00 that night.
  await jonas.field(/^From/).first().fill('2027-03-28T02:30');
  await jonas.button('Send for approval').click();
  const from = jonas.field(/^From/).first();
  await expect(from).toHaveAttribute('aria-invalid', 'true');
  await expect(from).toHaveAccessibleDescription(/there is no such time\. The first after it is 03:00/);
  await expect(from, 'what was typed is kept').toHaveValue('2027-03-28T02:30');
  await jonas.look('schedule-no-such-time');

  const [start, end] = [Date.now() + 26 * HOUR, Date.now() + 30 * HOUR].map(clock);
  await from.fill(`${start?.date}T${start?.time}`);
  await jonas.field(/^Until/).first().fill(`${end?.date}T${end?.time}`);
  await jonas.button('Preview').click();
  await expect(jonas.heading('What will happen')).toBeVisible();
  const starts = new RegExp(`${start?.day} .* ${start?.time} Europe/Berlin \\(.*\\d\\d:\\d\\d UTC\\)`);
  await expect(jonas.text(starts), 'local and UTC').toBeVisible();
  await jonas.look('schedule-preview');
  const path = await send(jonas);
  await expect(jonas.text(starts)).toBeVisible();

  const bob = await signedIn(people.bob);
  await bob.open('/approvals');
  await bob.page.locator('main').getByRole('link', { name: /Hands on staging, later/ }).click();
  await expect(bob.text(starts), 'the approver sees the same').toBeVisible();
  await bob.look('schedule-approval');
  await approve(bob, path);
  await expect(bob.text(/^starts/).first()).toBeVisible();
  await bob.look('schedule-approved');
  expect((await pep.ask(staging)).decision, 'not before its start').toBe(true);
});

test('hours of the week: in force within them, active between them', async ({ pep, signedIn }) => {
  const [jonas, bob] = [await signedIn(people.jonas), await signedIn(people.bob)];
  await fill(jonas, 'Hands on staging in working hours');
  await jonas.page.getByText('Only in some hours of the week').click();
  await jonas.field(/^Hours from/).fill('22:00');
  await jonas.button('Preview').click();
  await expect(jonas.field(/^Hours until/), 'hours are whole').toHaveAttribute('aria-invalid', 'true');
  await jonas.look('hours-refused');

  await fill(jonas, 'Hands on staging in working hours');
  await jonas.field(/^Or for/).selectOption('7 d');
  await hours(jonas, Date.now() - 2 * HOUR, Date.now() + 2 * HOUR);
  await jonas.button('Preview').click();
  await expect(jonas.heading('What will happen')).toBeVisible();
  await expect(jonas.text(/Europe\/Berlin, 4 h a week/)).toBeVisible();
  await jonas.look('hours-preview');
  const within = await send(jonas);
  await bob.open('/approvals');
  await expect(bob.text(/^Jonas Weber .*only .*Europe\/Berlin/)).toBeVisible();
  await approve(bob, within);
  expect(await pep.ask(staging)).toMatchObject({ decision: false, context: { outcome: 'review', base_outcome: 'automate' } });
  await bob.open(within);
  await expect(bob.text(/in force now until .*\(Europe\/Berlin\)/)).toBeVisible();
  await bob.look('hours-within');

  // The same for hours that are still to come: approved and active, and nothing changes until then.
  const revoked = await bob.post(within, [
    ['intent', 'revoke'],
    ['reason', 'The migration waits for tonight.'],
  ]);
  expect(revoked.status).toBe(303);
  await fill(jonas, 'Hands on staging tonight');
  await jonas.field(/^Or for/).selectOption('7 d');
  const [from, until] = [Date.now() + 6 * HOUR, Date.now() + 8 * HOUR];
  await hours(jonas, from, until);
  const between = await send(jonas);
  await approve(bob, between);
  expect(await pep.ask(staging)).toMatchObject({ decision: true, context: { outcome: 'automate', opt_outs: [] } });
  await bob.open(between);
  await expect(bob.text(new RegExp(`next .*${clock(from).time} \\(Europe/Berlin\\)`))).toBeVisible();
  await expect(bob.text('active').first()).toBeVisible();
  await bob.look('hours-between');
  await bob.open('/opt-outs?phase=in_force');
  await expect(bob.page.getByRole('row', { name: /Hands on staging tonight/ })).toContainText(/next .*Europe\/Berlin/);
  await bob.look('hours-register');

  // A renewal is offered with them.
  await jonas.open(between);
  await jonas.link('Renew').click();
  await expect(jonas.heading('Renew an opt-out')).toBeVisible();
  await expect(jonas.field(/^Hours from/)).toHaveValue(clock(from).time);
  await expect(jonas.field(/^Zone/)).toHaveValue(ZONE);
  await expect(jonas.page.getByRole('checkbox', { name: clock(from).day, exact: true })).toBeChecked();
  await jonas.look('hours-renewal');
});
