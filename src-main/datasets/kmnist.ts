/** @file Kuzushiji-MNIST. */
import { downloadedImages } from './downloaded-images';

export const kmnist = downloadedImages({
  id: 'kmnist',
  title: 'KMNIST',
  description:
    'Cursive Japanese characters in the format of MNIST: 60,000 for training and 10,000 for test, 28 × 28 pixels. Often used as out-of-distribution data for MNIST.',
  citation: 'Clanuwat et al. (2018), Deep learning for classical Japanese literature, arXiv:1812.01718',
  licence: 'CC BY-SA 4.0',
  classes: ['お o', 'き ki', 'す su', 'つ tsu', 'な na', 'は ha', 'ま ma', 'や ya', 'れ re', 'を wo'],
  normalisation: 'standardise',
  hosts: ['http://codh.rois.ac.jp/kmnist/dataset/kmnist/'],
  checksums: {
    trainImages: { md5: 'bdb82020997e1d708af4cf47b453dcf7' },
    trainLabels: { md5: 'e144d726b3acfaa3e44228e80efcd344' },
    testImages: { md5: '5c965bf0a639b31b8f53240b1b52f4d7', sha256: '76fbd229ce87db80dd281af5e6670de4ad0e42fb30a7bd643972994c47c1f42e' },
    testLabels: { md5: '7320c461ea6c1c855c0b718fb2a4b134', sha256: 'a11dc742be8e781a40a92f53d6a4957e7b7d36df2faa097659131ebfd8fd60c6' },
  },
});
