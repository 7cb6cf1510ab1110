export const error = 'warning';
