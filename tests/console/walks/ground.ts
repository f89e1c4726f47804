import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type Browser, type BrowserContextOptions, expect, type Page, test } from '@playwright/test';

// Signs in at the local provider as one of its people; each in a browser of their own.
export async function as(browser: Browser, person: RegExp, path = '/', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
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

// The services' clinical clock, in milliseconds.
export async function serviceTime(page: Page): Promise<number> {
  const { body } = await call(page, 'waymark.scheduling.v1.SchedulingService/ListWorklist', { pageSize: 1 });
  return Date.parse((body as unknown as { asOfTime: string }).asOfTime);
}

// Lets time pass, and waits until the services know: each looks at its clock when it is asked.
export async function passes(page: Page, span: string, days: number) {
  const before = await serviceTime(page);
  advance(span);
  await expect.poll(() => serviceTime(page), { timeout: 30_000 }).toBeGreaterThan(before + (days - 0.5) * 86_400_000);
}

// Somebody whom no other run knows.
export async function somebody(page: Page, given: string): Promise<{ family: string; subjectId: string }> {
  const family = `Q${[...crypto.getRandomValues(new Uint8Array(4))].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')}`;
  const registered = await call(page, 'waymark.workforce.v1.WorkforceService/RegisterPerson', {
    requestId: randomUUID(),
    name: { family, given },
    birthDate: { year: 1990, month: 5, day: 1 },
    workforceType: 'WORKFORCE_TYPE_OFFICER',
  });
  expect(registered.status, JSON.stringify(registered.body)).toBe(200);
  const body = registered.body as unknown as { person?: { subjectId: string }; subjectId?: string };
  return { family, subjectId: body.subjectId ?? body.person?.subjectId ?? '' };
}

export async function find(page: Page, family: string) {
  const field = page.locator('input[name=person]');
  await field.fill(family);
  await field.press('Enter');
  await expect(page.getByText(family).first()).toBeVisible();
}

interface PlannedStep {
  key: string;
  title: string;
  blocksClosing?: boolean;
  outcome?: { ending: string };
}

const kServices: Record<string, string> = {
  bbv: 'waymark.bbv.v1.BbvService',
  mental_health: 'waymark.mental_health.v1.MentalHealthService',
  msk: 'waymark.msk.v1.MskService',
  dental: 'waymark.dental.v1.DentalService',
};

export async function stepsOf(page: Page, pathway: string, id: string): Promise<PlannedStep[]> {
  const { body } = await call(page, `${kServices[pathway]}/GetCase`, { caseId: id });
  return (body as unknown as { case: { header: { plan: { steps: PlannedStep[] } } } }).case.header.plan.steps;
}

// Records an act from the step that asks for it: the link of the path opens its exact form.
export async function record(page: Page, pathway: string, id: string, step: string, fill: () => Promise<void>) {
  await page.goto(`/cases/${pathway}/${id}`);
  const planned = (await stepsOf(page, pathway, id)).find((one) => !one.outcome && one.key.split('#')[0] === step);
  expect(planned, `step ${step} is open`).toBeDefined();
  await page.locator('.wm-step').getByRole('link', { name: planned!.title, exact: true }).first().click();
  await expect(page.locator('.wm-guidance')).toContainText(planned!.title);
  await fill();
  await recorded(page);
  const after = (await stepsOf(page, pathway, id)).find((one) => one.key === planned!.key);
  expect(after?.outcome, `step ${step} has ended`).toBeDefined();
}

export async function recorded(page: Page) {
  await page.getByRole('button', { name: /^Record/ }).last().click();
  await expect(page.getByText('Recorded.', { exact: true })).toBeVisible();
}

// Whatever else blocks closing is waived with its reason, as somebody would who has it from elsewhere.
export async function waiveTheRest(page: Page, pathway: string, id: string, reason: string, keep = /^$/) {
  for (let round = 0; round < 40; ++round) {
    const next = (await stepsOf(page, pathway, id)).find((step) => !step.outcome && step.blocksClosing && !keep.test(step.key));
    if (!next) return;
    await page.goto(`/cases/${pathway}/${id}/waive-step?step=${encodeURIComponent(next.key)}`);
    await page.getByRole('radio', { name: 'Waived' }).check();
    await page.getByLabel('Why?').fill(reason);
    await recorded(page);
  }
  throw new Error('the case goes on asking');
}

export async function close(page: Page, pathway: string, id: string) {
  await page.goto(`/cases/${pathway}/${id}/close-case`);
  await page.getByLabel(/Note/).fill('Nothing further is needed.');
  await recorded(page);
  await expect(page.locator('.wm-title .nhsuk-tag')).toHaveText('Closed');
}

export { expect, test };
