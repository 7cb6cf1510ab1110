try {
  JSON.parse('{');
} catch (error) {
  console.error(error);
}
process.emitWarning('take care', 'DeprecationWarning', 'DEP9999');
console.log('✖ is only a character, 0 errors');
