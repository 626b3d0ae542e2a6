import { expect, test } from './fixtures';

test('what CUDA support needs is said before it is installed, where there is one', async ({ page, client }) => {
  const { offered, installed } = await client.call('cuda.support', null);
  await page.goto('/#/settings');
  await expect(page.getByRole('region', { name: 'Devices' })).toContainText('onnxruntime-cuda');
  const panel = page.getByRole('region', { name: 'CUDA support' });
  await expect(panel).toHaveCount(offered ? 1 : 0);
  if (!offered || installed) return;
  await expect(panel).toContainText(/downloads up to \d+ MB.*free disk.*CUDA 12 and cuDNN 9/s);
  await expect(panel.getByRole('button', { name: 'Install CUDA support' })).toBeEnabled();
});
