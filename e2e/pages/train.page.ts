import type { Locator, Page } from '@playwright/test';

/** The launcher: everything a run is made of. */
export class TrainPage {
  readonly form: Locator;
  readonly train: Locator;
  readonly problems: Locator;

  constructor(private readonly page: Page) {
    this.form = page.getByRole('form', { name: 'New run' });
    this.train = page.getByRole('button', { name: 'Train', exact: true });
    this.problems = page.getByRole('list', { name: 'Problems' });
  }

  open = (): Promise<unknown> => this.page.goto('/#/train');
  choose = (title: string): Promise<void> => this.form.getByRole('radio', { name: title, exact: true }).check({ force: true });
  select = (label: string, option: string): Promise<unknown> => this.form.getByLabel(label, { exact: true }).selectOption(option);

  async fill(section: string, label: string, value: string): Promise<void> {
    const field = this.form.getByRole('region', { name: section, exact: true }).getByLabel(label, { exact: true });
    await field.fill(value);
    await field.press('Tab');
  }

  /** Drawn digits, the few, with a small net: seconds. */
  async chooseSmall({ epochs }: { epochs: number }): Promise<void> {
    await this.choose('Drawn digits');
    await this.select('Size', 'small');
    await this.choose('1 × 200');
    await this.fill('Training', 'Epochs', String(epochs));
  }

  async start(name: string): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.train.click();
  }
}
