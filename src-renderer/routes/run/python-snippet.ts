/** @file Python that reads what was exported: with NumPy alone, or with ONNX Runtime. */

/** Draws of the weights, by parameter [draws, …]. */
export const readDraws = (file: string): string => `import json, numpy as np
raw = open(${JSON.stringify(file)}, 'rb').read()
start = 8 + int.from_bytes(raw[:8], 'little')
entries = {name: entry for name, entry in json.loads(raw[8:start]).items() if name != '__metadata__'}
read = lambda entry: np.frombuffer(raw[start:], '<f4')[entry['data_offsets'][0] // 4 : entry['data_offsets'][1] // 4]
draws = {name: read(entry).reshape(entry['shape']) for name, entry in entries.items()}  # [draws, ...]`;

/** The predictive of any number of rows. `outputs` in the model's order. */
export const predict = (file: string, inputShape: readonly number[], outputs: readonly string[]): string => `import numpy as np, onnxruntime
model = onnxruntime.InferenceSession(${JSON.stringify(file)})
x = np.zeros((10, ${inputShape.join(', ')}), 'float32')  # rows as in the data: pixels 0-255, or features in their units
${outputs.join(', ')} = model.run(None, {'x': x})`;
