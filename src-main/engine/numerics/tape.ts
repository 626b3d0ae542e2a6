/**
 * @file Puts TF.js's tape in order. A gradient needs copies of what its operation made, and TF.js records those copies before the operation
 * itself: on the way back, a gradient of a gradient would come through them when the operation has been passed, and be lost.
 */
import { engine } from '@tensorflow/tfjs-core';

type Tensors = readonly { readonly id: number }[];
interface Recorded {
  readonly inputs: { readonly [name: string]: Tensors[number] };
  readonly outputs: Tensors;
}

const tape = engine() as unknown as { addTapeNode(...args: unknown[]): void };
const addTapeNode = tape.addTapeNode.bind(engine());
tape.addTapeNode = (...args) => {
  addTapeNode(...args);
  const recorded = engine().state.activeTape as Recorded[];
  const node = recorded.pop()!;
  const made = new Set(node.outputs.map(({ id }) => id));
  const isCopy = ({ inputs }: Recorded) => Object.values(inputs).some(({ id }) => made.has(id));
  let place = recorded.length;
  while (place > 0 && isCopy(recorded[place - 1]!)) place--;
  recorded.splice(place, 0, node);
};
