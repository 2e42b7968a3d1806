// Votes on what takes a fresh sign-in of its own: a page asks the provider, and its reader comes back to confirm.

import { expect } from '@playwright/test';
import type { Person } from './people.ts';
import type { Visitor } from './visitor.ts';

/** Signs in afresh for the vote that was just sent, and is back where it is confirmed. */
export async function signsInAfresh(visitor: Visitor, person: Person): Promise<void> {
  await visitor.choose(person);
  await expect(visitor.text(/You have signed in afresh for this vote/)).toBeVisible();
}

/** Approves what is critical, on its page. */
export function approvesCritical(visitor: Visitor, person: Person, path: string, reason = ''): Promise<void> {
  return decidesCritical(visitor, person, path, reason, 'Approve');
}

/** Denies what is critical, on its page. */
export function deniesCritical(visitor: Visitor, person: Person, path: string, reason: string): Promise<void> {
  return decidesCritical(visitor, person, path, reason, 'Deny');
}

async function decidesCritical(
  visitor: Visitor,
  person: Person,
  path: string,
  reason: string,
  verb: 'Approve' | 'Deny',
): Promise<void> {
  const button = visitor.button(new RegExp(`^${verb}`));
  await visitor.open(path);
  await visitor.field('Reason').fill(reason);
  await visitor.button(verb).click();
  await expect(visitor.text(/takes a fresh sign-in of its own/)).toBeVisible();
  await button.click();
  await signsInAfresh(visitor, person);
  await button.click();
  await expect(visitor.text(/takes a fresh sign-in of its own/)).toHaveCount(0);
  await expect(visitor.text(/You have signed in afresh/)).toHaveCount(0);
}
