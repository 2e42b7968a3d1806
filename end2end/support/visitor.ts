// A person with a browser. Whatever a page logs, throws or fails to load fails the test; every page that is looked at is
// checked as everybody who may come there needs it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, expect, type Locator, type Page, type TestInfo } from '@playwright/test';
import type axe from 'axe-core';
import type { Person } from './people.ts';
import { PROVIDER_NAME } from './spillway.ts';

/** WCAG 2.2, levels A and AA. */
const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];

/** The checker's text. `@axe-core/playwright` would send it twice, and open a page, for each look. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/** What breaks the standard on a page that `AXE` is in. Our pages have no frames, so that one place is enough. */
async function violations(page: Page): Promise<unknown[]> {
  return page.evaluate(async (values) => {
    const { violations } = await window.axe.run(document, {
      preload: false,
      resultTypes: ['violations'],
      runOnly: { type: 'tag', values },
    });
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
    }));
  }, STANDARD);
}

/** The narrowest telephone that pages are made for. */
const TELEPHONE = { width: 375, height: 812 };

export class Visitor {
  private readonly complaints: string[] = [];
  /** Addresses of documents that were answered with an error, which Chromium also logs. */
  private readonly refused = new Set<string>();

  /** Set where a fault is caused on purpose, which pages then tell of. */
  toleratesFaults = false;

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly browser: Browser,
    private readonly info: TestInfo,
  ) {}

  static async open(browser: Browser, url: string, info: TestInfo): Promise<Visitor> {
    const context = await browser.newContext({ baseURL: url });
    const visitor = new Visitor(await context.newPage(), context, browser, info);
    visitor.listen();
    return visitor;
  }

  /** Whether this browser runs script. */
  get hasScript(): boolean {
    return this.info.project.use.javaScriptEnabled !== false;
  }

  private listen(): void {
    this.context.on('console', (message) => {
      // A document's status is asserted where it matters; that Chromium also logs it says nothing more.
      if (!this.hasScript && message.text().includes('was preloaded using link preload but not used')) return;
      // A hand that is quicker than a reader's has focused something before the page's own `autofocus` came to it.
      if (message.text().startsWith('Autofocus processing was blocked')) return;
      const isStatus = message.text().startsWith('Failed to load resource: the server responded with a status of');
      if (isStatus && this.refused.has(message.location().url)) return;
      this.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    this.context.on('weberror', (error) => this.complaints.push(`uncaught: ${error.error().stack}`));
    this.context.on('response', (response) => {
      if (!response.request().isNavigationRequest() || response.status() < 400) return;
      this.refused.add(response.url());
      if (response.status() >= 500 && !this.toleratesFaults) {
        this.complaints.push(`${response.status()} for ${response.url()}`);
      }
    });
    this.context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText;
      // What was under way when the reader went on to another page; and the program, where no script runs.
      if (why === 'net::ERR_ABORTED' || (why === 'csp' && !this.hasScript)) return;
      this.complaints.push(`${request.method()} ${request.url()}: ${why}`);
    });
  }

  /** Signs in through the provider, from wherever the browser is led. */
  async signIn(person: Person, path = '/'): Promise<void> {
    await this.page.goto(path);
    await this.link(`Sign in with ${PROVIDER_NAME}`).click();
    await this.choose(person);
    await expect(this.page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(new URL(this.page.url()).pathname).toBe(new URL(path, this.page.url()).pathname);
  }

  /** Says who one is, on the provider's page. */
  async choose(person: Person): Promise<void> {
    await expect(this.page.getByRole('heading', { name: 'Who are you?' })).toBeVisible();
    await this.page.getByRole('button', { name: person.name, exact: true }).click();
  }

  /** Opens a page; its status. */
  async open(path: string): Promise<number> {
    const response = await this.page.goto(path);
    return response?.status() ?? 0;
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole('link', { name });
  }

  /** A button that is visible: the frame has some twice, for wide and for small screens. */
  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' }).filter({ visible: true });
  }

  field(label: string | RegExp): Locator {
    return this.page.getByLabel(label);
  }

  /** A part of the page, by its heading. */
  panel(title: string): Locator {
    return this.page.locator('section').filter({ has: this.page.getByRole('heading', { name: title, exact: true }) });
  }

  /** Text in the page's main part. */
  text(text: string | RegExp): Locator {
    return this.page.locator('main').getByText(text);
  }

  /**
   * Looks at the page as it stands: the accessibility rules in both themes, a telephone's width, a picture of each.
   * `name` is the picture's.
   */
  async look(name: string): Promise<void> {
    const { page } = this;
    const wide = page.viewportSize();
    const seen = this.hasScript ? page : await this.twin();
    await seen.evaluate(AXE);
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      if (seen !== page) await seen.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      // Colours that are still on their way from one theme to the other are neither's.
      await seen.waitForFunction(() =>
        document.getAnimations().every((one) => !(one instanceof CSSTransition) || one.playState !== 'running'),
      );
      expect(await violations(seen), `${name} (${theme}), ${page.url()}`).toEqual([]);
      await page.screenshot({ path: this.picture(`${name}-${theme}`), fullPage: true });
    }
    if (seen !== page) await seen.context().close();
    await page.emulateMedia({ colorScheme: null, reducedMotion: null });
    await page.setViewportSize(TELEPHONE);
    const [content, window] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    await page.screenshot({ path: this.picture(`${name}-telephone`), fullPage: true });
    expect(content, `${name}, ${page.url()}: wider than a telephone`).toBeLessThanOrEqual(window ?? 0);
    if (wide) await page.setViewportSize(wide);
  }

  /**
   * The page once more, as it stands, in a browser that runs script: the accessibility rules are one. The page's own
   * script is left out.
   */
  private async twin(): Promise<Page> {
    const html = (await this.page.content()).replaceAll(/<script\b[\s\S]*?<\/script>|<link rel="(?:module)?preload"[^>]*>/g, '');
    const context = await this.browser.newContext({
      baseURL: this.page.url(),
      javaScriptEnabled: true,
      viewport: this.page.viewportSize(),
    });
    const twin = await context.newPage();
    const address = this.page.url().split('#')[0] ?? '';
    await twin.route(address, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
    await twin.goto(address);
    return twin;
  }

  private picture(name: string): string {
    return this.info.outputPath(`${name}.png`);
  }

  /** Sends a form as one of our own pages would, whatever the page shows; the answer's status. Follows no redirect. */
  async post(path: string, fields: [string, string][]): Promise<{ status: number; location: string; text: string }> {
    const answer = await this.context.request.post(path, {
      data: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      maxRedirects: 0,
    });
    return { status: answer.status(), location: answer.headers().location ?? '', text: await answer.text() };
  }

  /** Closes the browser, and says what its pages complained of. */
  async leave(): Promise<void> {
    await this.context.close();
    expect(this.complaints, 'what pages logged, threw or failed to load').toEqual([]);
  }
}
