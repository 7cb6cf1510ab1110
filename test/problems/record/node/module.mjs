import fs from 'node:fs';

const read = () => fs.readFileSync('/nonexistent/file');
read();
