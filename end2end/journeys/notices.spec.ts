import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const WHY = 'Database migration by hand until the new schema is proven; see the plan, step 7.';

/** Jonas asks for staging's deployments to go by hand. */
async function asks(jonas: Visitor): Promise<string> {
  const sent = await jonas.post('/opt-outs/request', [
    ['scenario', 'operational-window'],
    ['direction', 'to_manual'],
    ['title', 'Hands on staging'],
    ['scope.resources', 'service payments-staging'],
    ['reason', WHY],
    ['intent', 'send'],
  ]);
  expect(sent.status, sent.text.slice(0, 2000)).toBe(303);
  return sent.location;
}

test('who is concerned is told, and reads it', async ({ signedIn }) => {
  const jonas = await signedIn(people.jonas);
  await jonas.open('/notices');
  await expect(jonas.text('No news')).toBeVisible();
  await jonas.look('notices-none');
  const path = await asks(jonas);

  const bob = await signedIn(people.bob);
  await expect(bob.page.getByRole('link', { name: /^Notices 1 unread/ })).toBeVisible();
  await bob.page.getByRole('link', { name: /^Notices/ }).click();
  await expect(bob.heading('Notices')).toBeVisible();
  await bob.look('notices');
  await bob.button(/^Mark as read/).click();
  await expect(bob.text('You have read all of them.')).toBeVisible();
  await expect(bob.page.getByRole('link', { name: /^Notices 1 unread/ })).toHaveCount(0);
  await bob.page.getByRole('link', { name: '“Hands on staging” waits for a decision' }).click();
  await expect(bob.page).toHaveURL(path);
  await bob.field('Reason').fill('Agreed with the team.');
  await bob.button('Approve').click();
  await bob.button(/^Approve/).click();
  await expect(bob.text('Agreed with the team.').first()).toBeVisible();

  // Nobody is told of what they did themselves.
  await bob.open('/notices');
  await expect(bob.text('approved')).toHaveCount(0);
  await jonas.open('/notices');
  await expect(jonas.text('Bob Okafor approved “Hands on staging”')).toBeVisible();
  await expect(jonas.text(/Agreed with the team/)).toBeVisible();
  await jonas.button('Mark all as read').click();
  await expect(jonas.text('You have read all of them.')).toBeVisible();
  const id = (await jonas.page.content()).match(/ntc_[0-9a-z]{26}/)?.[0] ?? '';
  const foreign = await bob.post('/notices', [
    ['id', id],
    ['intent', 'read'],
  ]);
  expect(foreign.status, 'another’s notice is not there').toBe(404);
});

test('everybody sets how they are told', async ({ signedIn }) => {
  const jonas = await signedIn(people.jonas);
  await jonas.open('/settings/notices');
  await jonas.look('notice-settings');
  await jonas.page.getByRole('radio', { name: /^Once a day/ }).check();
  await jonas.field('The daily mail comes at').fill('07:30');
  await jonas.field('Zone').fill('Europe/Atlantis');
  await jonas.field(/^Quiet from/).fill('22:00');
  await jonas.field(/^Quiet until/).fill('06:30');
  await jonas.button('Save').click();
  await expect(jonas.field('Zone')).toHaveAttribute('aria-invalid', 'true');
  await expect(jonas.field(/^Quiet until/), 'what was typed is kept').toHaveValue('06:30');
  await jonas.look('notice-settings-refused');
  await jonas.field('Zone').fill('Europe/Berlin');
  await jonas.button('Save').click();
  await expect(jonas.field('Zone')).not.toHaveAttribute('aria-invalid', 'true');
  await jonas.open('/settings/notices');
  await expect(jonas.page.getByRole('radio', { name: /^Once a day/ })).toBeChecked();
  await expect(jonas.field('Zone')).toHaveValue('Europe/Berlin');
  await expect(jonas.field(/^Quiet from/)).toHaveValue('22:00');
});

test('endpoints are an administrator’s', async ({ signedIn }) => {
  const bob = await signedIn(people.bob);
  for (const path of ['/settings/endpoints', '/settings/deliveries']) {
    expect(await bob.open(path)).toBe(403);
  }
  const tried = await bob.post('/settings/endpoints', [
    ['kind', 'webhook'],
    ['name', 'Mine'],
    ['address', 'https://hooks.example.com/'],
    ['intent', 'register'],
  ]);
  expect(tried.status).toBe(403);

  const petra = await signedIn(people.petra);
  await petra.open('/settings/notices');
  await petra.link('Endpoints').click();
  await expect(petra.heading('Endpoints')).toBeVisible();
  await petra.look('endpoints-none');
  await petra.field('Name').fill('Deployments');
  await petra.field('Address').fill('hooks.example.com');
  await petra.button('Register endpoint').click();
  await expect(petra.field('Address')).toHaveAttribute('aria-invalid', 'true');
  await petra.look('endpoints-refused');
  await petra.field('Address').fill('https://hooks.example.com/spillway');
  await petra.button('Register endpoint').click();
  await expect(petra.heading('Deployments')).toBeVisible();
  await petra.look('endpoint');
  await petra.button('Show secret').click();
  const shown = petra.page.locator('main').getByText(/^whsec_/);
  await expect(shown).toBeVisible();
  const first = await shown.textContent();
  await petra.button('New secret').click();
  await expect(petra.heading('Make a new secret?')).toBeVisible();
  await petra.look('endpoint-confirm-secret');
  await petra.button('Make a new secret').click();
  await expect(petra.text(/signs too until/)).toBeVisible();
  await petra.button('Show secret').click();
  await expect(shown).toBeVisible();
  expect(await shown.textContent()).not.toBe(first);
  await petra.open('/settings/endpoints');
  await petra.look('endpoints');
  await petra.page.locator('main').getByRole('link', { name: 'Deployments' }).click();
  await petra.button('Disable').click();
  await petra.button('Disable endpoint').click();
  await expect(petra.text(/switched off by an administrator/)).toBeVisible();
  await petra.open('/settings/deliveries');
  await expect(petra.text('Everything has arrived')).toBeVisible();
  await petra.look('deliveries-none');
});
