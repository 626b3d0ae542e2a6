import { expect, test } from './fixtures';

test('the token leaves the address bar, and a reload needs none', async ({ page, credence }) => {
  expect(page.url()).not.toContain(credence.token);
  await page.reload();
  await expect(page).toHaveTitle(/Credence/);
  const cookies = await page.context().cookies();
  expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, sameSite: 'Strict', value: credence.token })]);
});

test('without the token there is one sentence and nothing else', async ({ credence, browser }) => {
  const page = await (await browser.newContext()).newPage();
  for (const path of ['/', '/?token=wrong', '/files/file-0000']) {
    const response = await page.goto(`${credence.origin}${path}`);
    expect(response?.status()).toBe(401);
    await expect(page.locator('body')).toHaveText(/^The token .*\.\s*$/);
  }
  await page.context().close();
});

test('a page of another origin reaches neither files nor calls', async ({ page, credence, context }) => {
  const evil = await context.newPage();
  await evil.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body: '<title>evil</title>' }));
  await evil.goto('http://evil.example/');
  const { posted, opened } = await evil.evaluate(async (origin) => {
    const posted = await fetch(`${origin}/files`, { method: 'POST', body: 'x', mode: 'no-cors', credentials: 'include' }).then(
      ({ status }) => status,
      () => 'refused',
    );
    const opened = await new Promise<boolean>((resolve) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`);
      socket.onopen = () => resolve(true);
      socket.onerror = () => resolve(false);
    });
    return { posted, opened };
  }, credence.origin);
  expect(posted === 'refused' || posted === 0).toBe(true); // an opaque answer tells it nothing
  expect(opened).toBe(false);
  expect(await page.evaluate(async () => (await fetch('/')).status)).toBe(200); // our own page is let through
});
