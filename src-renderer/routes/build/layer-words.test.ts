import { describe, expect, it } from 'vitest';
import { LayerSpec } from '../../../src-main/contract/spec';
import { specialText, switchesOf, withSwitches } from './layer-words';

const layer = LayerSpec.parse({
  kind: 'dense',
  settings: { units: 5 },
  bayesian: true,
  trainable: false,
  initialisation: 'constant',
  initialValue: 0.3,
  dropRate: 0.2,
});

describe('what is special of a layer', () => {
  it('is what differs from the usual, as form values and back', () => {
    expect(switchesOf(layer)).toEqual({ trainable: false, initialisation: 'constant', initialValue: 0.3, dropRate: 0.2 });
    expect(withSwitches(layer, switchesOf(layer))).toEqual({ ...layer, bayesian: undefined });
    expect(withSwitches(layer, { initialisation: 'by-method', dropRate: 0 })).toEqual({ kind: 'dense', settings: { units: 5 }, dropRate: 0 });
  });

  it('is said on its card', () => {
    expect(specialText(layer, [])).toBe('frozen · starts constant · at 0.3 · drops 0.2');
  });
});
