import { expect, test } from './fixtures';
import { InspectPage } from './pages/inspect.page';
import { RunPage } from './pages/run.page';
import { RunsPage } from './pages/runs.page';
import { TrainPage } from './pages/train.page';

test('a newcomer trains a Bayesian network and sees where it is unsure', async ({ page }) => {
  const runs = new RunsPage(page);
  await expect(runs.firstRun).toBeEnabled();
  await page.getByRole('link', { name: 'Choose everything myself' }).click();

  const launcher = new TrainPage(page);
  await launcher.chooseSmall({ epochs: 8 });
  await launcher.start('first');

  // Live: the curves and the numbers move while it trains.
  const run = new RunPage(page);
  await expect(run.heading).toHaveText('first');
  await expect(run.number('ELBO')).toContainText(/−?\d/);
  await expect(run.number('KL')).toContainText(/\d/);
  await expect(run.number('Validation error')).toContainText('%');
  expect(await run.charts.count()).toBeGreaterThan(1);
  await expect(run.status).toHaveText('Succeeded', { timeout: 60_000 });
  await expect(run.number('Epoch')).toContainText('8 / 8');

  await run.link('See where it is unsure').click();
  const inspect = new InspectPage(page); // evaluates at once
  await expect(inspect.results).toContainText('%', { timeout: 60_000 });
  await expect(inspect.results).toContainText('nats');
  expect(await inspect.images.count()).toBeGreaterThan(20);

  // The images come the most uncertain first; one shows its votes, and the arrow keys move on.
  const totals = (await inspect.images.evaluateAll((images) => images.map((image) => image.getAttribute('aria-label') ?? ''))).map((label) =>
    Number(/total ([\d.]+) nats/.exec(label)?.[1]),
  );
  expect(totals).toEqual(totals.toSorted((a, b) => b - a));
  const second = inspect.images.nth(1);
  await second.click();
  const row = /Image (\d+)/.exec((await second.getAttribute('aria-label')) ?? '')?.[1] ?? '';
  await expect(inspect.detail(row)).toContainText('epistemic');
  await page.keyboard.press('ArrowRight');
  await expect(inspect.images.nth(2)).toHaveAttribute('aria-selected', 'true');

  // The evaluation is stored: a reload shows it again without computing.
  await page.reload();
  await expect(inspect.pastEvaluations).toHaveCount(1);
  await expect(inspect.results).toContainText('%');
});

test('the one obvious button trains on the default data at once', async ({ page, client }) => {
  await new RunsPage(page).firstRun.click();
  const run = new RunPage(page);
  await expect(run.status).toHaveText('Running', { timeout: 60_000 });
  await expect(run.number('ELBO')).toContainText(/\d/, { timeout: 60_000 });
  await run.press('Stop');
  await expect(run.status).toHaveText('Stopped');
  const [stopped] = await client.call('runs.list', {});
  expect(stopped).toMatchObject({ hasCheckpoint: true, spec: { dataset: { id: 'drawn-digits' }, method: { id: 'bbp' } } });
});
