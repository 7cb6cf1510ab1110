test('reports error: when it should', () => {});
