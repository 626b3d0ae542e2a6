/** @file Drawn glyphs: letters and signs in the hand of the drawn digits, for out-of-distribution tests. None is also the shape of a digit. */
import { drawnImages } from './drawn-images';
import { character } from './handwriting';

const glyphs = [
  character('A', ['20 95, 50 6!, 80 95', '32 62, 70 60'], ['24 94, 46 8, 58 8, 78 94', '28 58, 74 56']),
  character('C', ['78 22, 54 6, 28 24, 22 56, 36 88, 60 93, 80 78']),
  character('E', ['76 8, 28 8!, 26 93!, 78 92', '28 50, 68 48'], ['74 16, 48 6, 32 24, 54 46!, 28 62, 30 88, 54 95, 78 82']),
  character('F', ['78 8, 30 8!, 28 95', '30 48, 68 46']),
  character('H', ['26 6, 25 95', '75 6, 74 95', '26 51, 75 49']),
  character('K', ['28 6, 27 95', '74 8, 30 54!, 76 94']),
  character('M', ['18 95, 24 8!, 50 62!, 76 8!, 82 95'], ['18 94, 22 30, 34 12, 48 34, 50 90!, 54 30, 68 12, 80 34, 82 94']),
  character('N', ['24 95, 26 8!, 72 92!, 75 6']),
  character('R', ['28 95, 28 8!, 58 6, 74 26, 60 46, 30 50!, 76 95']),
  character('T', ['18 10, 82 8', '50 10, 49 95']),
  character('W', ['16 8, 32 93!, 50 36!, 66 93!, 84 6'], ['16 14, 24 76, 38 88, 50 40!, 60 84, 74 82, 84 10']),
  character('X', ['24 7, 76 94', '76 7, 22 94']),
  character('+', ['50 14, 49 86', '14 50, 86 50']),
  character('*', ['50 10, 50 90', '16 30, 84 70', '84 30, 16 70']),
  character('#', ['38 8, 30 94', '70 8, 62 94', '14 36, 88 34', '12 68, 86 66']),
  character('△', ['50 10, 14 88!, 86 86!, 50 10']),
  character('□', ['18 16, 17 86!, 84 85!, 83 14!, 18 16']),
  character('♡', ['50 30!, 34 10, 16 24, 22 52, 50 90!, 78 52, 84 24, 66 10, 50 30']),
  character('→', ['10 50, 90 50', '62 24, 90 50!, 62 76']),
  character('☆', ['50 8, 68 88!, 14 38!, 86 38!, 30 88!, 50 8']),
];

export const drawnGlyphs = drawnImages({
  id: 'drawn-glyphs',
  title: 'Drawn glyphs',
  description:
    '10,000 letters and signs in the hand of the drawn digits. Test part only: shows what a network trained on digits makes of things it has never seen.',
  characters: glyphs,
  parts: ['test'],
});
