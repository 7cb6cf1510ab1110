function inner(options) {
  throw new TypeError(`the option "${options}" is not known`);
}

console.log('Error: none yet');
inner('frob');
