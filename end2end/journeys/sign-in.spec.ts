import { people } from '../support/people.ts';
import { PROVIDER_NAME } from '../support/spillway.ts';
import { expect, test } from '../support/test.ts';

test('one signs in where one was going, and out again', async ({ anonymous }) => {
  const visitor = await anonymous();
  const { page } = visitor;
  await visitor.open('/opt-outs?phase=over');
  await expect(page).toHaveURL(/\/sign-in\?/);
  await visitor.look('sign-in');
  await visitor.link(`Sign in with ${PROVIDER_NAME}`).click();
  await visitor.choose(people.bob);
  await expect(page, 'back where one was going').toHaveURL(/\/opt-outs\?phase=over$/);
  await expect(visitor.heading('Opt-outs')).toBeVisible();

  const cookies = (await page.context().cookies()).filter(({ name }) => name.startsWith('spillway_'));
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Lax' }]);

  await page.getByText(people.bob.name).filter({ visible: true }).click();
  await visitor.button('Sign out').click();
  await expect(visitor.heading('Sign out?'), 'at the provider too').toBeVisible();
  await visitor.button('Sign out everywhere').click();
  await expect(visitor.text('You are signed out of Spillway.')).toBeVisible();
  await visitor.look('signed-out');

  await visitor.open('/');
  await expect(page).toHaveURL(/\/sign-in/);
  await visitor.link(`Sign in with ${PROVIDER_NAME}`).click();
  await expect(visitor.heading('Who are you?'), 'the provider has forgotten as well').toBeVisible();
});

test('all sessions of a person end at once, and nobody else’s', async ({ signedIn }) => {
  const [here, there, other] = [
    await signedIn(people.bob),
    await signedIn(people.bob),
    await signedIn(people.alice),
  ];
  await here.page.getByText(people.bob.name).filter({ visible: true }).click();
  await here.button('End all my sessions').click();
  await expect(here.heading('Sign out?')).toBeVisible();

  await there.open('/requests');
  await expect(there.page).toHaveURL(/\/sign-in/);
  await other.open('/requests');
  await expect(other.heading('Requests')).toBeVisible();
});

test('a session ends when the provider says so', async ({ signedIn, spillway }) => {
  const bob = await signedIn(people.bob);
  const elsewhere = await bob.page.context().newPage();
  const { issuer } = (await import('../support/installation.ts')).prepared().provider;
  await elsewhere.goto(`${issuer}/session/end`);
  await elsewhere.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(elsewhere.getByRole('heading', { name: 'Signed out' })).toBeVisible();
  await bob.open(`${spillway.url}/requests`);
  await expect(bob.page).toHaveURL(/\/sign-in/);
});

test('whoever has no person or no role here is told so', async ({ anonymous }) => {
  for (const [person, sentence] of [
    [people.unlinked, /not linked to a person yet/],
    [people.roleless, /none of your groups has a role/],
  ] as const) {
    const visitor = await anonymous();
    await visitor.open('/');
    await visitor.link(`Sign in with ${PROVIDER_NAME}`).click();
    const answered = visitor.page.waitForResponse((response) => new URL(response.url()).pathname === '/sign-in');
    await visitor.choose(person);
    expect((await answered).status()).toBe(403);
    await expect(visitor.page.getByRole('alert')).toContainText(sentence);
    await visitor.look(`refused-${person.sub}`);
  }
});

test('who declines at the provider is not signed in', async ({ anonymous }) => {
  const visitor = await anonymous();
  await visitor.open('/');
  await visitor.link(`Sign in with ${PROVIDER_NAME}`).click();
  await visitor.button('Cancel').click();
  await expect(visitor.page.getByRole('alert')).toContainText('declined');
});

test('an address that is no page says so', async ({ signedIn }) => {
  const alice = await signedIn(people.alice);
  for (const path of ['/nothing-here', '/requests/req_unknown', '/opt-outs/opt_unknown', '/audit/events/evt_unknown']) {
    expect(await alice.open(path), path).toBe(404);
    await expect(alice.heading('There is nothing here')).toBeVisible();
  }
  await alice.look('not-found');
});

test('the keyboard gets to the content at once, and focus follows the reader', async ({ signedIn }) => {
  const alice = await signedIn(people.alice);
  const { page } = alice;
  await alice.open('/');
  await page.keyboard.press('Tab');
  await expect(alice.link('Skip to content')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();

  // Before that a link loads its page anew, and the focus is where a new page has it.
  if (alice.hasScript) await expect(page.locator('html')).toHaveAttribute('data-hydrated', '', { timeout: 60_000 });
  await page.getByRole('navigation', { name: 'Main' }).filter({ visible: true }).getByRole('link', { name: 'Policies' }).click();
  await expect(page).toHaveURL(/\/policies$/);
  // Without script a page is loaded anew, and a reader starts at its top.
  if (alice.hasScript) await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
});
