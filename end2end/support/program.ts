// Programs that run beside a test.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { quietEnvironment } from './machine.ts';

const execute = promisify(execFile);

/** Runs a program to its end; its standard output. Throws with what it printed when it fails. */
export async function run(program: string, args: string[], environment: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await execute(program, args, {
      env: quietEnvironment(environment),
      cwd: '/',
      maxBuffer: 64 << 20,
    });
    return stdout;
  } catch (error) {
    const { message, stdout } = error as Error & { stdout?: string };
    throw new Error(`${message}\n${stdout ?? ''}`, { cause: error });
  }
}

/** A program that goes on until it is stopped, with all that it prints in a file. */
export class Program {
  private ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly log: string,
  ) {
    this.ended = new Promise((done) => child.once('exit', () => done()));
  }

  static start(program: string, args: string[], log: string, environment: Record<string, string> = {}): Program {
    const file = openSync(log, 'a');
    const child = spawn(program, args, {
      env: quietEnvironment(environment),
      cwd: '/',
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    return new Program(child, log);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`did not start:\n${this.output()}`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  output(): string {
    return readFileSync(this.log, 'utf8');
  }

  /** Waits for the condition while the program runs; if it ends before, throws with what it printed. */
  async until(what: string, holds: () => Promise<boolean>, patienceMs = 60_000): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!(await holds())) {
      if (!this.isRunning) throw new Error(`ended before ${what}:\n${this.output()}`);
      if (Date.now() > deadline) throw new Error(`not ${what} within ${patienceMs} ms:\n${this.output()}`);
      await new Promise((done) => setTimeout(done, 25));
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.child.kill(signal);
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.signal(signal);
    await this.ended;
  }
}
