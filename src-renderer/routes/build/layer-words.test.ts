import { describe, expect, it } from 'vitest';
import { LayerSpec } from '../../../src-main/contract/spec';
import { settingsText, specialText, switchesOf, withSwitches } from './layer-words';

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

describe('the settings of a layer', () => {
  it('are said in a few words: numbers and switches by name, choices by value', () => {
    const properties = { units: { title: 'Units', default: 50 }, activation: { title: 'Activation', default: 'relu' }, bias: { title: 'Bias', default: true } };
    const entry = { id: 'dense', title: 'Dense', reference: '', help: '', settings: { properties } };
    expect(settingsText(layer, entry)).toBe('units 5 · relu · bias');
    expect(settingsText({ ...layer, settings: { bias: false } }, entry)).toBe('units 50 · relu · no bias');
  });
});
