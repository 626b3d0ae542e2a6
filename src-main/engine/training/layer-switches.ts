/** @file What a layer's switches and a start from trained weights ask of the method; each refusal names what to choose instead. */
import type { RunSpec, SpecProblem } from '../../contract/spec';
import { inferenceMethods } from '../inference';
import type { Algorithm, InferenceMethod, LayerSwitch } from '../inference/method';

const meaning: { readonly [name in LayerSwitch]: string } = {
  sample: 'keep a layer at its means',
  trainable: 'freeze a layer',
  initialSd: 'start the deviations of a layer at a value of its own',
  dropRate: 'drop at a rate of the layer’s own',
};
const switched = Object.keys(meaning) as LayerSwitch[];

/** 'MC dropout', or 'one of MAP, Bayes by Backprop, …'. */
function choiceOf(able: (method: InferenceMethod) => boolean): string {
  const titles = Object.values<InferenceMethod>(inferenceMethods)
    .filter(able)
    .map(({ title }) => title);
  return `${titles.length > 1 ? 'one of ' : ''}${titles.join(', ')}`;
}

/** Layers whose switches are off, or that have values of their own, under a method that does not know how. */
export const refusedSwitches = ({ title, switches = [] }: InferenceMethod, { architecture }: RunSpec): SpecProblem[] =>
  architecture.layers.flatMap((layer, i) =>
    switched
      .filter((name) => layer[name] !== undefined && layer[name] !== true && !switches.includes(name))
      .map((name) => ({
        path: `architecture.layers.${i}`,
        message: `${title} cannot ${meaning[name]}; ${layer[name] === false ? 'switch it on again' : 'take it away'}, or choose ${choiceOf((other) => other.switches?.includes(name) ?? false)}.`,
      })),
  );

/** A run that starts from trained weights under a method that does not know how. */
export const refusedStart = ({ title }: InferenceMethod, { adopt }: Algorithm, { from }: RunSpec): SpecProblem[] =>
  from && !adopt ? [{ path: 'from', message: `${title} cannot start from another run’s weights; start afresh, or choose MAP or Bayes by Backprop.` }] : [];
