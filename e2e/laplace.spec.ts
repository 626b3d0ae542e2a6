import { expect, test } from './fixtures';
import { InspectPage } from './pages/inspect.page';
import { isIn, smallRun, until } from './runs';

test('a Laplace approximation is trained, its prior chosen afterwards, and predictions follow', async ({ page, client }) => {
  const method = { id: 'laplace', settings: { layers: 'last', prediction: 'sampling', learningRate: 0.01 } };
  const { id } = await client.call('runs.create', { ...smallRun({ name: 'curved', epochs: 3 }), method });
  await until(client, id, isIn('succeeded'));
  await page.goto(new URL(`#/inspect/${id}`, page.url()).href);
  const inspect = new InspectPage(page);
  const evidence = inspect.results.getByText('Log marginal likelihood').locator('..');

  await test.step('Evaluate says the evidence, under the prior that it was trained with', async () => {
    await page.getByRole('region', { name: 'Evaluate', exact: true }).getByLabel('Draws', { exact: true }).fill('5');
    await inspect.evaluate.click();
    await expect(evidence).toContainText(/\d\s*nats\s*of the training rows/, { timeout: 60_000 });
    await expect(evidence).toContainText('at 1.00 × the prior’s precision');
  });

  const chosen = await test.step('the slider shows other precisions, and one of them is put to use', async () => {
    const kinds = page.getByRole('radiogroup', { name: 'Experiment' });
    await kinds.getByText('Prior precision', { exact: true }).click();
    const form = page.getByRole('complementary');
    await form.getByLabel('Draws', { exact: true }).fill('5');
    await form.getByLabel('Points', { exact: true }).fill('7');
    await form.getByRole('button', { name: 'Start', exact: true }).click();
    const result = page.getByRole('region', { name: 'Prior precision', exact: true });
    await expect(result).toContainText(/Measured on \d+ validation rows with 5 draws/, { timeout: 60_000 });
    await expect(result).toContainText('In use for predictions: 1 ×');
    const slider = result.getByRole('slider');
    const before = await result.getByRole('definition').allTextContents();
    await slider.focus();
    await slider.press('End');
    await expect(slider).toHaveAttribute('aria-valuetext', '10,000 ×');
    expect(await result.getByRole('definition').allTextContents()).not.toEqual(before);
    await result.getByRole('button', { name: 'Use 10,000 × for predictions' }).click();
    await expect(result).toContainText('In use for predictions: 10,000 ×');
    return (await client.call('runs.get', id)).priorPrecision;
  });
  expect(chosen).toBe(10_000);

  await test.step('Evaluate predicts under it', async () => {
    await page.getByRole('radiogroup', { name: 'Experiment' }).getByText('Evaluate', { exact: true }).click();
    await inspect.evaluate.click();
    await expect(inspect.pastEvaluations).toHaveCount(2, { timeout: 60_000 });
    await expect(evidence).toContainText('at 10,000 × the prior’s precision');
  });
});
