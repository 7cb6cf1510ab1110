export const part = (a, b) => {
  try {
    a();
  } catch (error) {
  }
};
