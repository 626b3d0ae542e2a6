/** @file Colours with fixed meanings, on three backgrounds. Hues are Okabe & Ito (2008), Color Universal Design. */

/** What a mark stands for; never a colour. `series-n` is for series without a fixed meaning. */
export type Role =
  | 'total'
  | 'aleatoric'
  | 'epistemic'
  | 'elbo'
  | 'nll'
  | 'kl'
  | 'train'
  | 'validation'
  | 'test'
  | 'ink'
  | 'muted'
  | 'accent'
  | 'right'
  | 'wrong'
  | `series-${1 | 2 | 3 | 4 | 5 | 6 | 7}`;

/** `paper` and `mono` are for print. */
export type ThemeName = 'light' | 'dark' | 'paper' | 'mono';

export interface Theme {
  readonly name: ThemeName;
  readonly background: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly axis: string;
  readonly roles: Readonly<Record<Role, string>>;
  /** Dash patterns, px, that tell lines apart where colour cannot. */
  readonly dashes?: Partial<Readonly<Record<Role, readonly number[]>>>;
}

const okabeIto = {
  blue: '#0072B2',
  orange: '#E69F00',
  vermillion: '#D55E00',
  green: '#009E73',
  purple: '#CC79A7',
  sky: '#56B4E9',
  yellow: '#F0E442',
};

const roles = (hues: typeof okabeIto, ink: string, muted: string): Theme['roles'] => ({
  total: hues.blue,
  aleatoric: hues.orange,
  epistemic: hues.vermillion,
  elbo: ink,
  nll: hues.green,
  kl: hues.purple,
  train: muted,
  validation: ink,
  test: ink,
  ink,
  muted,
  accent: hues.blue,
  right: hues.blue,
  wrong: hues.vermillion,
  'series-1': hues.blue,
  'series-2': hues.vermillion,
  'series-3': hues.green,
  'series-4': hues.purple,
  'series-5': hues.orange,
  'series-6': hues.sky,
  'series-7': ink,
});

const neutral = (name: 'light' | 'paper' | 'mono', ink: string, muted: string, grid: string, axis: string): Theme => ({
  name,
  background: '#FFFFFF',
  ink,
  muted,
  grid,
  axis,
  roles: roles(okabeIto, ink, muted),
});

// On the dark surface blue, vermillion, green and purple are lifted to keep 4.5 : 1 as thin lines; the hue stays.
const lifted = { ...okabeIto, blue: '#3BA0DC', vermillion: '#F0783A', green: '#1FBF90', purple: '#DB93BC' };

const greys: typeof okabeIto = {
  blue: '#000000',
  orange: '#8C8C8C',
  vermillion: '#4D4D4D',
  green: '#6B6B6B',
  purple: '#999999',
  sky: '#7A7A7A',
  yellow: '#A6A6A6',
};
const [dotted, dashed, long, mixed] = [
  [2, 3],
  [6, 4],
  [12, 4],
  [10, 3, 2, 3],
];

export const themes: Readonly<Record<ThemeName, Theme>> = {
  light: neutral('light', '#1A1F24', '#68727D', '#E9ECEF', '#AEB6BE'),
  paper: neutral('paper', '#000000', '#555555', '#E6E6E6', '#333333'),
  mono: {
    ...neutral('mono', '#000000', '#555555', '#E6E6E6', '#333333'),
    roles: roles(greys, '#000000', '#555555'),
    dashes: {
      aleatoric: dotted,
      epistemic: long,
      nll: dotted,
      kl: long,
      'series-2': long,
      'series-3': dotted,
      'series-4': mixed,
      'series-5': dashed,
      'series-6': [2, 6],
      'series-7': [16, 3, 4, 3],
    },
  },
  dark: {
    name: 'dark',
    background: '#14181C',
    ink: '#E6EAEE',
    muted: '#98A2AD',
    grid: '#262C33',
    axis: '#4A535D',
    roles: roles(lifted, '#E6EAEE', '#98A2AD'),
  },
};

const channels = (hex: string): [number, number, number] => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as [number, number, number];

/** The opaque colour of `share` of `over` on `under`; opaque, so that every painter and printer agrees. */
export function blend(over: string, under: string, share: number): string {
  const [top, bottom] = [channels(over), channels(under)];
  return (
    '#' +
    top
      .map((value, i) =>
        Math.round(share * value + (1 - share) * bottom[i]!)
          .toString(16)
          .padStart(2, '0'),
      )
      .join('')
  );
}

/** Dashes of a line: its own, else those by which the theme tells its role. */
export const dashOf = ({ dashes }: Theme, { role, dashed: own }: { readonly role: Role; readonly dashed?: boolean }): readonly number[] =>
  own ? [6, 4] : (dashes?.[role] ?? []);

/** `#rrggbb` with transparency, for areas that overlap. */
export const translucent = (hex: string, opacity: number): string => `rgba(${channels(hex).join(', ')}, ${opacity})`;

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = channels(hex).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two opaque colours, 1–21, WCAG 2.2. */
export function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** The candidate with the most contrast against a background. */
export const mostReadable = (background: string, candidates: readonly string[]): string =>
  candidates.reduce((best, next) => (contrast(next, background) > contrast(best, background) ? next : best));
