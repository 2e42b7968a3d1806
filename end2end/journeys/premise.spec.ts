import { prepared } from '../support/installation.ts';
import { people } from '../support/people.ts';
import { Pep, type Question } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const reading: Question = {
  subject: { type: 'workload', id: 'job/nightly-export' },
  action: { name: 'read' },
  resource: { type: 'database', id: 'ledger-db' },
};
const PATH = '/opt-outs/request';

/** Votes as somebody does who looks at the page first. */
async function approves(visitor: Visitor, path: string): Promise<void> {
  await visitor.open(path);
  await visitor.button('Approve').click();
  await visitor.button(/^Approve (stage|it)/).click();
  await expect(visitor.page).toHaveURL(new RegExp(`${path}$`));
  await expect(visitor.button('Approve')).toHaveCount(0);
}

test('suspend by premise: out of force once its incident is over, and back by a fresh approval', async ({
  pep,
  signedIn,
  spillway,
}) => {
  const tool = new Pep(spillway.url, prepared().tokens['incident-tool']);
  const tells = (state: 'open' | 'resolved') =>
    tool.put<{ state: string }>('/api/v1/incidents/INC-4495', { state, title: 'The gateway drops tickets' });
  expect((await tells('open')).status).toBe(201);
  expect((await pep.ask(reading)).decision).toBe(false);

  const alice = await signedIn(people.alice);
  await alice.open(PATH);
  if (alice.hasScript) await expect(alice.button('One more').first()).toBeVisible();
  await alice.page.getByRole('radio', { name: /^A rule matches/ }).check();
  await alice.page.getByRole('radio', { name: /^Bypass/ }).check();
  await alice.field('Who').first().fill('workload job/nightly-export');
  await alice.field(/^Which resources/).first().fill('database ledger-db');
  await alice.page.getByRole('checkbox', { name: /^read-needs-ticket/ }).check();
  await alice.field(/^Title/).fill('Nightly export while tickets are lost');
  await alice.field(/^Reason/).fill('The gateway loses the standing ticket of the nightly export until it is mended.');
  await alice.field(/^Condition/).selectOption('An incident is open');
  if (alice.hasScript) await expect(alice.field(/^Of what/), 'an incident has no attribute').toBeHidden();
  else await expect(alice.field(/^Of what/), 'nothing can hide it').toBeVisible();
  await alice.field(/^Value, incident or ticket/).fill('INC-9999');
  await alice.button('Send for approval').click();
  await expect(alice.text(/nobody has told of it/).first()).toBeVisible();
  await alice.look('premise-refused');
  await alice.field(/^Value, incident or ticket/).fill('INC-4495');
  await alice.button('Preview').click();
  await expect(alice.text('holds now')).toBeVisible();
  await alice.look('premise-preview');
  await alice.button('Send for approval').click();
  await expect(alice.page).toHaveURL(/\/opt-outs\/opt_/);
  const path = new URL(alice.page.url()).pathname;

  const ines = await signedIn(people.ines);
  await ines.open(path);
  await expect(ines.text('Only while incident INC-4495 is open.')).toBeVisible();
  await ines.look('premise-approval');
  await approves(ines, path);
  const omar = await signedIn(people.omar);
  await approves(omar, path);
  expect((await pep.ask(reading)).decision).toBe(true);

  // Over: at the very next question, and everybody concerned is told.
  expect((await tells('resolved')).status).toBe(200);
  expect(await pep.ask(reading)).toMatchObject({ decision: false, context: { outcome: 'review' } });
  await alice.open('/notices');
  await expect(alice.link(/Nightly export while tickets are lost/).first()).toBeVisible();
  await alice.open(path);
  await expect(alice.text('Out of force since')).toBeVisible();
  await expect(alice.text(/does not hold yet/)).toBeVisible();
  await expect(alice.button('Ask for approval again')).toHaveCount(0);
  await alice.look('premise-suspended');
  const early = await alice.post(path, [
    ['intent', 'ask_again'],
    ['reason', 'Please'],
  ]);
  expect(early.text, 'not while it does not hold').toContain('premise does not hold');

  // It burns again: nothing comes back by itself.
  expect((await tells('open')).status).toBe(200);
  expect((await pep.ask(reading)).decision).toBe(false);
  await alice.open(path);
  await alice.button('Ask for approval again').click();
  await alice.field(/^Why it should be in force again/).fill('The fix was rolled back; tickets are lost once more.');
  await alice.button('Ask again').click();
  await expect(alice.text(/asked for approval again/).first()).toBeVisible();
  await alice.look('premise-asked-again');
  expect((await pep.ask(reading)).decision).toBe(false);

  await ines.open('/approvals');
  await ines.link(/Nightly export while tickets are lost/).first().click();
  await expect(ines.page).toHaveURL(new RegExp(`${path}$`));
  await expect(ines.text('tickets are lost once more').first()).toBeVisible();
  await ines.look('premise-back');
  await approves(ines, path);
  await approves(omar, path);
  expect((await pep.ask(reading)).decision).toBe(true);
  await alice.open(path);
  await expect(alice.text('Out of force since')).toHaveCount(0);
  await expect(alice.text(/it is in force again/).first()).toBeVisible();
});
