/** @file Python that reads what was exported: with NumPy alone, or with ONNX Runtime. */

/** Draws of the weights, by parameter [draws, …]. */
export const readDraws = (file: string): string => `import json, numpy as np
raw = open(${JSON.stringify(file)}, 'rb').read()
start = 8 + int.from_bytes(raw[:8], 'little')
header = json.loads(raw[8:start])
read = lambda shape, a, b: np.frombuffer(raw[start + a : start + b], '<f4').reshape(shape)
draws = {k: read(v['shape'], *v['data_offsets']) for k, v in header.items() if k != '__metadata__'}`;

/** The predictive of any number of rows. `outputs` in the model's order. */
export const predict = (file: string, inputShape: readonly number[], outputs: readonly string[]): string => `import numpy as np, onnxruntime
model = onnxruntime.InferenceSession(${JSON.stringify(file)})
x = np.zeros((10, ${inputShape.join(', ')}), 'float32')  # rows as in the data: pixels 0-255, or features in their units
${outputs.join(', ')} = model.run(None, {'x': x})`;
