// The real program, serving.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataIn } from './installation.ts';
import { freePort, SITE_ROOT, SPILLWAY_BIN } from './machine.ts';
import { ROLES } from './people.ts';
import { Program, run } from './program.ts';
import { type ProviderAddress, register } from './registration.ts';

/** The provider's name on the sign-in button. */
export const PROVIDER_NAME = 'Example Identity';

export class Spillway {
  private program: Program | undefined;

  private constructor(
    readonly url: string,
    private readonly config: string,
    private readonly data: string,
    readonly log: string,
    private readonly environment: Record<string, string>,
  ) {}

  /**
   * Serves the database at `databaseUrl`, which has been installed. `folder` takes its configuration, data and log;
   * `settings` are further tables of the configuration. With an `environment` of its own it may be one that never gets
   * ready: then it is only waited for until it is alive.
   */
  static async start(
    databaseUrl: string,
    provider: ProviderAddress,
    folder: string,
    settings = '',
    environment: Record<string, string> = {},
  ): Promise<Spillway> {
    const listen = `127.0.0.1:${await freePort()}`;
    const url = `http://${listen}`;
    const client = await register(provider, url);
    await mkdir(dataIn(folder), { recursive: true });
    const config = join(folder, 'spillway.toml');
    const roles = Object.entries(ROLES).map(([group, role]) => `${group} = "${role}"`);
    await writeFile(
      config,
      `public_url = ${JSON.stringify(url)}
listen = "${listen}"
database_url = ${JSON.stringify(databaseUrl)}
data = ${JSON.stringify(dataIn(folder))}
site_root = ${JSON.stringify(SITE_ROOT)}

[sign_in]
issuer = ${JSON.stringify(provider.issuer)}
name = ${JSON.stringify(PROVIDER_NAME)}
client_id = ${JSON.stringify(client.id)}
client_secret = ${JSON.stringify(client.secret)}
scopes = ["profile", "email", "groups"]
step_up_acr_values = ["urn:example:key"]

[sign_in.roles]
${roles.join('\n')}

${settings}
`,
    );
    const spillway = new Spillway(url, config, dataIn(folder), join(folder, 'spillway.log'), environment);
    await spillway.begin();
    return spillway;
  }

  /** Starts it, again after a stop: same address, same database, same data. */
  async begin(): Promise<void> {
    this.program = Program.start(SPILLWAY_BIN, ['serve', '--config', this.config], this.log, this.environment);
    const path = Object.keys(this.environment).length === 0 ? '/readyz' : '/healthz';
    await this.program.until(path, () => this.isWell(path));
  }

  private async isWell(path: string): Promise<boolean> {
    try {
      return (await fetch(`${this.url}${path}`)).ok;
    } catch {
      return false;
    }
  }

  get running(): Program {
    if (!this.program) throw new Error('not started');
    return this.program;
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.program?.stop(signal);
  }

  /** `spillway verify` on the served database; what it printed. Fails when an entry is not what was signed. */
  verify(): Promise<string> {
    return run(SPILLWAY_BIN, ['verify', '--config', this.config, '--data', this.data]);
  }
}
