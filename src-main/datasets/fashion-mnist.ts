/** @file Fashion-MNIST. */
import { downloadedImages } from './downloaded-images';

export const fashionMnist = downloadedImages({
  id: 'fashion-mnist',
  title: 'Fashion-MNIST',
  description: 'Pictures of clothes in the format of MNIST: 60,000 for training and 10,000 for test, 28 × 28 pixels. Harder than digits.',
  citation: 'Xiao, Rasul & Vollgraf (2017), Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, arXiv:1708.07747',
  licence: 'MIT',
  classes: ['T-shirt', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  normalisation: 'standardise',
  hosts: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
  checksums: {
    trainImages: { md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d' },
    trainLabels: { md5: '25c81989df183df01b3e8a0aad5dffbe' },
    testImages: { md5: 'bef4ecab320f06d8554ea6380940ec79' },
    testLabels: { md5: 'bb300cfdad3c16e7a12a480ee83cd310' },
  },
});
