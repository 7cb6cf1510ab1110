class ConfigError extends Error {
  name = 'ConfigError';
}

async function load() {
  throw new ConfigError('cannot load', { cause: new Error('the cause') });
}

await load();
