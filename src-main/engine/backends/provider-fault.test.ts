import { describe, expect, it } from 'vitest';
import { WorkbenchError } from '../../contract/errors';
import { readProviderFault } from './provider-fault';

const read = (text: string) => readProviderFault(new Error(text), 'The GPU');

describe('what providers say', () => {
  // As they were reported to the projects.
  it.each([
    'WebGPU device lost (2): Device was destroyed.',
    '[Device] is lost.\n - While calling [Device].CreateBuffer([BufferDescriptor]).',
    'vkQueueSubmit failed with VK_ERROR_DEVICE_LOST\n    at CheckVkSuccessImpl',
    'DXGI_ERROR_DEVICE_HUNG (0x887A0006)',
    'DmlGraphFusionHelper.cpp(1078) … 887A0006 The GPU will not respond to more commands',
    'Non-zero status code returned while running Div node. Status Message: Failed to create a WebGPU compute pipeline: A valid external Instance reference no longer exists.',
    'CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; expr=cudaStreamSynchronize(stream)',
    'CUDA failure 702: the launch timed out and was terminated ; GPU=0',
  ])('a lost device: %s', (text) =>
    expect(read(text)).toMatchObject({
      code: 'device-failed',
      message: expect.stringMatching(/^The GPU was lost/) as string,
      details: { fault: 'lost', text },
    }),
  );

  it.each([
    'CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; file=cuda_allocator.cc ; line=47 ; expr=cudaMalloc((void**)&p, size);',
    'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&cublas_handle_);',
    'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY',
    "Failed to download data from buffer: Failed to execute 'mapAsync' on 'GPUBuffer': [Invalid Buffer (unlabeled)] is invalid due to a previous error.",
    'OOM when allocating tensor with shape[1,187,103,4] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc',
    'std::bad_alloc',
    'Array buffer allocation failed',
  ])('no more memory: %s', (text) =>
    expect(read(text)).toMatchObject({ code: 'device-failed', message: 'The GPU has not enough memory', details: { fault: 'memory' } }),
  );

  it('the bytes that were asked for, and what part of them there could have been', () => {
    const arena = 'BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 8388608000';
    expect(read(arena)).toMatchObject({ message: 'The GPU has not enough memory (7.8 GB were asked for in one piece)', details: { fault: 'memory' } });
    expect(read(arena)).not.toHaveProperty('details.share');
    expect(read('Buffer size (4294967296) exceeds the max buffer size limit (1073741824).')).toMatchObject({
      message: 'The GPU has not enough memory (4.0 GB were asked for in one piece, 1.0 GB is its limit)',
      details: { share: 0.25 },
    });
    expect(read('failed to allocate 2.53G (2715310336 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory')).toMatchObject({
      message: expect.stringContaining('2.5 GB') as string,
    });
  });

  it('also inside what a backend has made of it; everything else stays as it is', () => {
    const wrapped = new WorkbenchError('device-failed', 'The GPU could not run a step', { cause: new Error('WebGPU device lost (1): reset') });
    expect(readProviderFault(wrapped, 'The GPU')).toMatchObject({ details: { fault: 'lost' }, cause: wrapped });
    for (const other of [new WorkbenchError('diverged', 'The loss is not finite'), new Error('Node (Sin) has no kernel'), 'text'])
      expect(readProviderFault(other, 'The GPU')).toBe(other);
  });
});
