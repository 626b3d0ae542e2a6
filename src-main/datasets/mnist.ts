/** @file MNIST. */
import { downloadedImages } from './downloaded-images';

export const mnist = downloadedImages({
  id: 'mnist',
  title: 'MNIST',
  description: 'Handwritten digits: 60,000 for training and 10,000 for test, 28 × 28 pixels.',
  citation: 'LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition, Proc. IEEE 86(11)',
  licence: 'CC BY-SA 3.0',
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  normalisation: 'mnist',
  standIn: { id: 'drawn-digits', settings: { size: 'small' } },
  hosts: ['https://ossci-datasets.s3.amazonaws.com/mnist/', 'https://storage.googleapis.com/cvdf-datasets/mnist/', 'http://yann.lecun.com/exdb/mnist/'],
  checksums: {
    trainImages: { md5: 'f68b3c2dcbeaaa9fbdd348bbdeb94873', sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db' },
    trainLabels: { md5: 'd53e105ee54ea40749a09fcbcd1e9432', sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5' },
    testImages: { md5: '9fb629c4189551a2d022fa330f9573f3', sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7' },
    testLabels: { md5: 'ec29112dd5afa0611ce80d1b7f02629c', sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2' },
  },
});
