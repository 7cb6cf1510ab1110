const add = (a, b) => a + b;

test('adds', () => {
  expect(add(1, 1)).toBe(2);
});

test('adds wrongly', () => {
  expect(add(1, 1)).toBe(3);
});

describe('a group', () => {
  test('compares objects', () => {
    expect({ a: 1, b: [1, 2] }).toEqual({ a: 1, b: [1, 3] });
  });
  test('throws', () => {
    console.error('Error: printed by the test');
    throw new Error('in the group');
  });
  test.skip('is skipped', () => {});
});
