// Databases on the PostgreSQL of the run, by PostgreSQL's own programs.

import { join } from 'node:path';
import { POSTGRES_BIN } from './machine.ts';
import { run } from './program.ts';

/** A database, as its owner reaches it. */
export class Database {
  constructor(
    private readonly server: string,
    readonly name: string,
  ) {}

  /** On the PostgreSQL that `url` leads to. */
  static async create(url: string, name: string, template?: Database): Promise<Database> {
    const copied = template ? [`TEMPLATE "${template.name}"`] : [];
    await psql(url, [`CREATE DATABASE "${name}" ${copied.join(' ')}`]);
    return new Database(url, name);
  }

  /** Its address for the role that owns it. */
  get owner(): string {
    const url = new URL(this.server);
    url.pathname = `/${this.name}`;
    return url.href;
  }

  /** Its address for the role that serves: everything under test runs as that one. */
  get serving(): string {
    const url = new URL(this.owner);
    if (url.searchParams.has('user')) url.searchParams.set('user', 'spillway_app');
    else url.username = 'spillway_app';
    return url.href;
  }

  /** The first column of what the query gives, as text. */
  async column(query: string): Promise<string[]> {
    const text = await psql(this.owner, [query]);
    return text.split('\n').filter((line) => line !== '');
  }

  async drop(): Promise<void> {
    await psql(this.server, [`DROP DATABASE IF EXISTS "${this.name}" WITH (FORCE)`]);
  }
}

function psql(url: string, commands: string[]): Promise<string> {
  const each = commands.flatMap((command) => ['--command', command]);
  return run(join(POSTGRES_BIN, 'psql'), [
    '--no-psqlrc',
    '--quiet',
    '--tuples-only',
    '--no-align',
    '--set=ON_ERROR_STOP=1',
    `--dbname=${url}`,
    ...each,
  ]);
}
