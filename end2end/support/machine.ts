// What the machine gives: programs, folders, ports. `script/test` names them; the defaults are for running one journey by
// hand with `npx playwright test`.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** A file or folder of the tree. */
export const inTree = (path: string): string => join(ROOT, path);

/** The program under test. */
export const SPILLWAY_BIN = process.env.SPILLWAY_BIN ?? inTree('target/debug/spillway');

/** The built site. */
export const SITE_ROOT = process.env.LEPTOS_SITE_ROOT ?? inTree('target/site');

/** The system's Chromium: a download of Playwright's own would be another browser, and twice the size. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** What sets a program's clock wrong, to be loaded before it. */
export const FAKETIME = process.env.SPILLWAY_FAKETIME ?? '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/** PostgreSQL's own programs. */
export const POSTGRES_BIN = process.env.SPILLWAY_POSTGRES_BIN ?? installedPostgres();

function installedPostgres(): string {
  return dirname(execFileSync('which', ['postgres', 'psql'], { encoding: 'utf8' }).trim().split('\n')[0] ?? '');
}

/** Says what is missing before the first test trips over it. */
export function checkMachine(): void {
  for (const [what, path] of [
    ['SPILLWAY_BIN', SPILLWAY_BIN],
    ['LEPTOS_SITE_ROOT', join(SITE_ROOT, 'pkg')],
    ['CHROMIUM', CHROMIUM],
    ['SPILLWAY_FAKETIME', FAKETIME],
    ['SPILLWAY_POSTGRES_BIN', join(POSTGRES_BIN, 'initdb')],
  ] as const) {
    if (!existsSync(path)) throw new Error(`${path} is not there: run script/test, or set ${what}`);
  }
  if (!process.env.DATABASE_URL) throw new Error('set DATABASE_URL to a PostgreSQL whose role may make databases');
}

/**
 * What a program of ours sees of the environment: no setting of whoever runs the tests.
 */
export const quietEnvironment = (more: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  RUST_BACKTRACE: '1',
  ...more,
});

// Below the range that the system takes outgoing ports from (32768 on Linux, 49152 on macOS), so that no connection of a
// test sits on the port by the time the server opens it. Each worker has a stretch of its own.
const STRETCH = 1000;
let next = 20_000 + Number(process.env.TEST_PARALLEL_INDEX ?? 8) * STRETCH + Math.floor(Math.random() * STRETCH);

/** A port on 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next++;
    const server = createServer();
    const free = await new Promise<boolean>((done) => {
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => done(true));
    });
    if (free) {
      await new Promise((done) => server.close(done));
      return port;
    }
  }
}
