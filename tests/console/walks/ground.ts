import { execFileSync } from 'node:child_process';
import { type Browser, expect, type Page, test } from '@playwright/test';

// Signs in at the local provider as one of its people; each in a browser of their own.
export async function as(browser: Browser, person: RegExp, path = '/'): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log(`page error: ${error.message}`));
  await page.goto(path);
  await page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: person }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  return page;
}

// One call as the signed-in person, over Connect with JSON, as an integrator would make it.
export async function call(page: Page, method: string, message: object): Promise<{ status: number; body: Record<string, never> }> {
  return page.evaluate(
    async ([path, json]) => {
      const session = (await (await fetch('/auth/session')).json()) as { csrf_token: string };
      const response = await fetch(`/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'connect-protocol-version': '1', 'waymark-csrf': session.csrf_token },
        body: json!,
      });
      return { status: response.status, body: (await response.json()) as Record<string, never> };
    },
    [method, JSON.stringify(message)],
  );
}

// The development clock: what waits six months comes in seconds.
export function advance(span: string) {
  const state = process.env.WAYMARK_STATE ?? '../../.waymark';
  const command = process.env.WAYMARK_COMMAND ?? '../../build/dev/bin/waymark';
  execFileSync(command, ['--config', `${state}/config.json`, 'clock', 'advance', span], { stdio: 'pipe' });
}

export { expect, test };
