class ConfigError(Exception):
    pass


def read():
    try:
        {}["key"]
    except KeyError as error:
        raise ConfigError("no key\nin the table") from error


try:
    read()
except ConfigError:
    open("/nonexistent/file")
