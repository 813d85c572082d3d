export const title = 'loaded late';
